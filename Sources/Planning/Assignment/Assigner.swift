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
  private(set) var owners: [PCIAddress: Demand] = [:]
  /// The ports on which each guest has a claim.
  private var ports: [String: Set<PCIAddress>] = [:]
  /// What uses the members of each pool that no demand has.
  private var uses: [String: [PCIAddress: MemberUse]] = [:]
  private let demands: [Demand]

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
    assignNew()
  }

  private var host: HostIndex { manifests.host }
  private var open: [Demand] { demands.filter { assigned[$0.key] == nil } }

  private mutating func assign(
    _ member: PoolMember, to demand: Demand, _ reason: Assignment.Reason, _ because: String
  ) {
    assigned[demand.key] = (member, reason, because)
    owners[member.address] = demand
    ports[demand.guest.name, default: []].insert(member.port)
  }

  // MARK: What guests have

  /// Assigns what guests have with the mark of the claim. If a definition was copied with its mark, the domain
  /// that had the member keeps it.
  private mutating func assignMarked(_ part: GuestState.Part) {
    let found = open.compactMap { demand -> (Demand, PoolMember)? in
      member(of: demand, part) { $0 == demand.claim.name.value }.map { (demand, $0) }
    }
    let confirmed = found.filter { manifests.memory.confirms($0.1.address, of: $0.0) }
    for (demand, member) in confirmed + found
    where assigned[demand.key] == nil && owners[member.address] == nil {
      let guest = demand.guest.name
      assign(
        member, to: demand, part == .live ? .running : .defined,
        part == .live ? "\(guest) has it while it runs" : "the definition of \(guest) has it")
    }
  }

  /// Assigns what guests have with another mark, or without one.
  private mutating func assignRenamed() {
    for isMarked in [true, false] {
      for part in [GuestState.Part.live, .persistent] {
        for demand in open {
          guard
            let member = member(of: demand, part, where: { ($0 != nil) == isMarked }, free: true)
          else { continue }
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
    of demand: Demand, _ part: GuestState.Part, where isMeant: (String?) -> Bool, free: Bool = false
  ) -> PoolMember? {
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
    for demand in open where !demand.guest.isElsewhere(demand.found) {
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
    let missing = waiting.filter { !$0.guest.isElsewhere($0.found) }
    kept = Dictionary(
      waiting.filter { $0.guest.isElsewhere($0.found) }.map { ($0.pool, 1) }, uniquingKeysWith: +)
    var blocked: [String: (demand: Demand, reason: String)] = [:]
    for demand in missing {
      guard let reason = reasonToWait(demand) else { continue }
      blocked[demand.pool] = blocked[demand.pool] ?? (demand, reason)
      isAnyUnknown = true
    }
    for pool in Set(missing.map(\.pool)) { findUses(of: pool) }
    for demand in missing {
      if let (other, reason) = blocked[demand.pool] {
        refusals.append(unknown(demand, because: other, reason))
      } else if manifests.members[demand.pool] == nil {
        // The members are not found or unknown.
        refuseWithoutMembers(demand)
      } else if let refusal = hostUse(of: demand) {
        if !refusals.contains(refusal) { refusals.append(refusal) }
      } else {
        choose(for: demand)
      }
    }
  }

  private mutating func findUses(of pool: String) {
    var found: [PCIAddress: MemberUse] = [:]
    for member in manifests.members[pool] ?? [] where owners[member.address] == nil {
      found[member.address] = manifests.use(of: member)
    }
    uses[pool] = found
  }

  /// Returns the refusal of a pool of whole ports of which the host uses one: the manifest does not mean that
  /// port.
  private func hostUse(of demand: Demand) -> Refusal? {
    for member in manifests.members[demand.pool] ?? [] where owners[member.address] == nil {
      guard member.reference.virtualFunction == nil, let function = host.functions[member.address],
        function.isUsedByHost, let pool = manifests.request.host.nic(member.reference.nic),
        !pool.allow.contains(.hostNetwork)
      else { continue }
      return Refusal(
        .hostNetwork, nic: "\(member.reference)",
        "the host uses \(member.address), a member of the pool \(demand.pool)", details: function.hostUses,
        help: "take it out of the pool with exclude, or move these uses to another NIC first",
        origin: pool.select.location?.description)
    }
    return nil
  }

  /// Returns why no member of the pool may be assigned to a guest that has none yet.
  private func reasonToWait(_ demand: Demand) -> String? {
    if let reason = host.state.libvirt.reason, demand.manager?.kind != .qemu { return reason }
    guard let reason = demand.reasonUnknown, !manifests.request.reassigns, !manifests.memory.isKnown else {
      return nil
    }
    return reason + ", and "
      + (manifests.memory.reason ?? "what pcipass assigned before is not recorded")
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
      let choice = MemberChoice(demand, [], owners: [:], uses: [:], ports: [], kept: 0)
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
    let choice = MemberChoice(
      demand, manifests.members[demand.pool] ?? [], owners: owners, uses: uses[demand.pool] ?? [:],
      ports: ports[demand.guest.name] ?? [], kept: kept[demand.pool] ?? 0)
    if let (member, because) = choice.best() {
      assign(member, to: demand, .chosen, because)
    } else {
      refusals.append(choice.refusal(on: host))
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
