import Documents
import HostModel
import Manifests

/// Assigns a member to each claim that may get any. What a guest has stays; then comes what is remembered,
/// then what is available. The order of documents, files and claims does not matter.
struct Assigner {
  let manifests: ResolvedManifests
  private(set) var assigned: [Demand.Key: (member: PoolMember, reason: Assignment.Reason, because: String)] =
    [:]
  private(set) var refusals: [Refusal] = []
  /// The number of demands of guests that are on another host, by pool.
  private(set) var kept: [String: Int] = [:]
  /// Whether it is unknown what a guest has.
  private(set) var isAnyUnknown = false
  private(set) var owners: [PCIAddress: Demand.Key] = [:]
  /// The ports on which each guest has a claim.
  private var ports: [String: Set<PCIAddress>] = [:]
  /// The members that are left in the pools with demands.
  private var supplies: [String: PoolSupply] = [:]
  let demands: [Demand]

  init(_ manifests: ResolvedManifests) {
    self.manifests = manifests
    demands = manifests.demands.sorted {
      ($0.guest.name, $0.claim.name.value) < ($1.guest.name, $1.claim.name.value)
    }
    guard !demands.isEmpty else { return }
    for (reference, claimant) in manifests.fixed {
      guard let port = manifests.resolution.functions[NICReference(nic: reference.nic)] else { continue }
      ports[claimant.guest.name, default: []].insert(port.address)
    }
    assignMarked(.live)
    assignMarked(.persistent)
    assignRenamed()
    assignRemembered()
    refuseNamedTwice()
    // Without a look at guests it is unknown which members they have.
    if manifests.request.part == .everything { assignNew() }
  }

  private var host: HostIndex { manifests.host }
  /// The indices of the demands that have no member yet.
  var open: [Int] { demands.indices.filter { assigned[demands[$0].key] == nil } }

  private mutating func assign(
    _ member: PoolMember, to demand: Demand, _ reason: Assignment.Reason, _ because: String
  ) {
    assigned[demand.key] = (member, reason, because)
    owners[member.address] = demand.key
    ports[demand.guest.name, default: []].insert(member.port)
  }

  // MARK: What guests have

  /// Assigns what guests have with the mark of the claim. If a definition was copied with its mark, the domain
  /// that had the member keeps it.
  private mutating func assignMarked(_ part: GuestState.Part) {
    let found = open.compactMap { index -> (Int, PoolMember)? in
      let name = demands[index].claim.name.value
      return member(of: index, part) { $0 == name }.map { (index, $0) }
    }
    let confirmed = found.filter { manifests.memory.confirms($0.1.address, of: demands[$0.0]) }
    for (index, member) in confirmed + found
    where assigned[demands[index].key] == nil && owners[member.address] == nil {
      let guest = demands[index].guest.name
      assign(
        member, to: demands[index], part == .live ? .running : .defined,
        part == .live ? "\(guest) has it while it runs" : "the definition of \(guest) has it")
    }
  }

  /// Assigns what guests have with another mark, or without one.
  private mutating func assignRenamed() {
    for isMarked in [true, false] {
      for part in [GuestState.Part.live, .persistent] {
        for index in open {
          guard
            let member = member(of: index, part, where: { ($0 != nil) == isMarked }, free: true)
          else { continue }
          let demand = demands[index]
          let name = mark(of: member, in: demand, part)
          assign(
            member, to: demand, isMarked ? .renamed : .adopted,
            isMarked
              ? "\(demand.guest.name) has it as \(name ?? "another NIC")"
              : "\(demand.guest.name) has it without the pcipass mark")
        }
      }
    }
  }

  private func devices(of demand: Demand, _ part: GuestState.Part) -> [Holding] {
    guard let manager = demand.manager else { return [] }
    return (demand.state?.hostdevs(part) ?? []).compactMap { hostdev in
      host.holdings[hostdev.address]?.first {
        $0.guest == manager && $0.part == part && $0.hostdev == hostdev
      }
    }
  }

  private func mark(of member: PoolMember, in demand: Demand, _ part: GuestState.Part) -> String? {
    devices(of: demand, part).first { $0.hostdev.address == member.address }
      .flatMap { Ownership.nic(ofAlias: $0.hostdev.alias) }
  }

  /// Returns the first member that the guest has with such a mark. A claim with a MAC address gets the member
  /// that has it, if there is one.
  private func member(
    of index: Int, _ part: GuestState.Part, where isMeant: (String?) -> Bool, free: Bool = false
  ) -> PoolMember? {
    guard demands[index].hasDevices else { return nil }
    let demand = demands[index]
    let found = devices(of: demand, part).filter { holding in
      isMeant(Ownership.nic(ofAlias: holding.hostdev.alias)) && holding.canBeAdopted
    }.compactMap { manifests.membersByAddress[$0.hostdev.address] }
      .filter { demand.accepts($0) && (!free || owners[$0.address] == nil) }.sorted {
        $0.address < $1.address
      }
    guard let mac = demand.claim.settings.mac else { return found.first }
    return found.first { host.functions[$0.address]?.virtualFunction?.settings.value?.mac == mac }
      ?? found.first
  }

  private mutating func assignRemembered() {
    guard manifests.memory.isKnown else { return }
    for demand in open.map({ demands[$0] }) where !demand.isElsewhere {
      let before = manifests.memory.addresses(of: demand).compactMap { manifests.membersByAddress[$0] }
      guard
        let member = before.first(where: {
          demand.accepts($0) && owners[$0.address] == nil && manifests.use(of: $0) == nil
        })
      else { continue }
      assign(
        member, to: demand, .remembered, "remembered: pcipass assigned it to \(demand.guest.name) before")
    }
  }

  /// Refuses a claim that names a member that a guest already has by a claim of the pool.
  private mutating func refuseNamedTwice() {
    for demand in demands {
      guard let member = assigned[demand.key]?.member, let other = manifests.fixed[member.reference] else {
        continue
      }
      refusals.append(
        Refusal(
          .select, nic: "\(member.reference)", guest: other.guest.name,
          "\(other.guest.name) claims \(member.reference) by name, and \(demand.guest.name) has it by its claim of "
            + "\(demand.claim.from.value)",
          details: [demand.origin.map { "\(demand.guest.name) claims \(demand.claim.from.value): \($0)" }]
            .compactMap { $0 },
          help: "claim another member by name, or name this one in the claim of \(demand.guest.name)",
          origin: other.claim.from.location?.description))
    }
  }

  // MARK: New members

  private mutating func assignNew() {
    let waiting = open
    let missing = waiting.filter { !demands[$0].isElsewhere }
    kept = Dictionary(
      waiting.filter { demands[$0].isElsewhere }.map { (demands[$0].pool, 1) }, uniquingKeysWith: +)
    var blocked: [String: (demand: Demand, reason: String)] = [:]
    for index in missing {
      guard let reason = reasonToWait(demands[index]) else { continue }
      let demand = demands[index]
      blocked[demand.pool] = blocked[demand.pool] ?? (demand, reason)
      isAnyUnknown = true
    }
    let pools = Set(missing.map { demands[$0].pool })
    for pool in pools { supplies[pool] = supply(of: pool) }
    let hostUses = Dictionary(
      pools.compactMap { pool in hostUse(of: pool).map { (pool, $0) } }, uniquingKeysWith: { one, _ in one })
    refusals += hostUses.sorted { $0.key < $1.key }.map(\.value)
    for index in missing {
      let demand = demands[index]
      if let (other, reason) = blocked[demand.pool] {
        refusals.append(unknown(demand, because: other, reason))
      } else if manifests.members[demand.pool] == nil {
        // The members are not found or unknown.
        refuseWithoutMembers(demand)
      } else if hostUses[demand.pool] == nil {
        choose(for: demand)
      }
    }
  }

  private func supply(of pool: String) -> PoolSupply {
    let members = manifests.members[pool] ?? []
    var uses: [PCIAddress: MemberUse] = [:]
    for member in members where owners[member.address] == nil {
      uses[member.address] = manifests.use(of: member)
    }
    return PoolSupply(members, uses, owners: owners)
  }

  /// Returns the refusal of a pool of whole ports of which the host uses one: the manifest does not mean that
  /// port.
  private func hostUse(of pool: String) -> Refusal? {
    for member in manifests.members[pool] ?? [] where owners[member.address] == nil {
      guard member.reference.virtualFunction == nil, let function = host.functions[member.address],
        function.isUsedByHost, let nic = manifests.request.host.nic(member.reference.nic),
        !nic.allow.contains(.hostNetwork)
      else { continue }
      return Refusal(
        .hostNetwork, nic: "\(member.reference)",
        "the host uses \(member.address), a member of the pool \(pool)", details: function.hostUses,
        help: "take it out of the pool with exclude, or move these uses to another NIC first",
        origin: nic.select.location?.description)
    }
    return nil
  }

  /// Returns why no member of the pool may be assigned to a guest that has none yet.
  private func reasonToWait(_ demand: Demand) -> String? {
    if let reason = host.state.libvirt.reason, demand.manager?.kind != .qemu { return reason }
    // A record that cannot be read has a refusal of its own.
    guard let reason = demand.reasonUnknown, !manifests.request.reassigns, !manifests.memory.isKnown,
      manifests.memory.reason == nil
    else { return nil }
    return reason + ", and what pcipass assigned before is not recorded"
  }

  private func unknown(_ demand: Demand, because other: Demand, _ reason: String) -> Refusal {
    let isOwn = other.key == demand.key
    return Refusal(
      .unavailable, nic: demand.pool, guest: demand.guest.name,
      isOwn
        ? "which member of \(demand.pool) \(demand.guest.name) has as \(demand.claim.name.value) is unknown: \(reason)"
        : "no member of \(demand.pool) is assigned to \(demand.guest.name), because it is unknown which one "
          + "\(other.guest.name) has: \(reason)",
      help: host.state.libvirt.reason == nil
        ? "start \(other.guest.name); if it does not have a member of \(demand.pool), use --reassign" : nil,
      origin: demand.origin)
  }

  private mutating func refuseWithoutMembers(_ demand: Demand) {
    // A NIC or a pool that is not found has a refusal.
    let isRefused = (manifests.pools.refusals + manifests.resolution.refusals).contains { refusal in
      refusal.nic.flatMap { NICReference($0) }?.entry == demand.pool
    }
    guard !isRefused else { return }
    if !manifests.drained.isEmpty {
      let choice = MemberChoice(demand, from: PoolSupply([], [:], owners: [:]), ports: [], kept: 0)
      refusals.append(choice.refusal(on: host))
      return
    }
    refusals.append(
      Refusal(
        .virtualFunctions, nic: demand.pool, guest: demand.guest.name,
        "the addresses of the VFs of \(demand.pool) are unknown: its PFs do not show where their VFs will be",
        help: "create the VFs first: pcipass apply without this claim", origin: demand.origin))
  }

  private mutating func choose(for demand: Demand) {
    if let (member, because) = choice(for: demand)?.best() {
      assign(member, to: demand, .chosen, because)
      supplies[demand.pool]?.take(member)
    } else if let refusal = choice(for: demand)?.refusal(on: host, owners: owners) {
      refusals.append(refusal)
    }
  }

  private func choice(for demand: Demand) -> MemberChoice? {
    supplies[demand.pool].map {
      MemberChoice(demand, from: $0, ports: ports[demand.guest.name] ?? [], kept: kept[demand.pool] ?? 0)
    }
  }
}

extension Holding {
  /// Whether the device may become the one of a claim: no other tool set it or depends on it.
  fileprivate var canBeAdopted: Bool {
    !hostdev.isCommandLineArgument && network == nil
      && (Ownership.nic(ofAlias: hostdev.alias) != nil || Ownership.userAlias(hostdev.alias) == nil)
  }
}
