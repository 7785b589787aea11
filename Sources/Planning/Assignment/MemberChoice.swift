import Documents
import HostModel
import Manifests

/// The choice of a member for a claim whose guest has none.
struct MemberChoice {
  private let demand: Demand
  private let supply: PoolSupply
  /// The ports on which the guest has a claim.
  private let ports: Set<PCIAddress>
  /// The number of members that stay available for guests that are on another host.
  private let kept: Int

  init(_ demand: Demand, from supply: PoolSupply, ports: Set<PCIAddress>, kept: Int) {
    self.demand = demand
    self.supply = supply
    self.ports = ports
    self.kept = kept
  }

  /// Whether the member is on a NUMA node of the guest; nil if that is unknown or does not matter.
  private func isOnNode(_ member: PoolMember) -> Bool? {
    guard demand.claim.numa != .ignore, let nodes = demand.state?.numaNodes, let node = member.numaNode else {
      return nil
    }
    return nodes.contains(node)
  }

  private func isSpread(_ member: PoolMember) -> Bool {
    demand.claim.spread == .ignore || !ports.contains(member.port)
  }

  /// Returns the best member and why, or nil if there is none.
  func best() -> (PoolMember, String)? {
    guard supply.available.count > kept else { return nil }
    func rank(_ member: PoolMember) -> (Int, Int, Int, Int) {
      (
        supply.uses[member.address] == nil ? 0 : 1, isOnNode(member) == false ? 1 : 0,
        isSpread(member) ? 0 : 1, -(supply.counts[member.port] ?? 0)
      )
    }
    var best: (rank: (Int, Int, Int, Int), member: PoolMember)?
    // The members are in the order of their addresses, so the first of the best has the lowest.
    for member in supply.available where demand.accepts(member) {
      if demand.claim.numa == .require, isOnNode(member) == false { continue }
      if demand.claim.spread == .require, !isSpread(member) { continue }
      let rank = rank(member)
      if best.map({ rank < $0.rank }) ?? true { best = (rank, member) }
    }
    return best.map { ($0.member, reason($0.member, supply.counts[$0.member.port] ?? 0)) }
  }

  private func reason(_ member: PoolMember, _ count: Int) -> String {
    let guest = demand.guest.name
    var words: [String] = []
    if let use = supply.uses[member.address] { words.append("\(use.words) until this plan") }
    switch (isOnNode(member), member.numaNode) {
    case (true?, let node?): words.append("NUMA node \(node) like \(guest)")
    case (false?, let node?): words.append("NUMA node \(node), not that of \(guest)")
    default: break
    }
    if !ports.isEmpty, demand.claim.spread != .ignore {
      words.append(
        isSpread(member) ? "no other NIC of \(guest) on its port" : "another NIC of \(guest) on its port")
    }
    if member.reference.virtualFunction != nil { words.append("\(count) available on its port") }
    return (["available"] + words).joined(separator: ", ")
  }

  // MARK: No member

  /// Returns the refusal of a claim for which no member is available.
  ///
  /// - Parameter owners: the claims that have members.
  func refusal(on host: HostIndex, owners: [PCIAddress: Demand.Key] = [:]) -> Refusal {
    let members = supply.members
    var details = members.compactMap { member -> String? in
      let words =
        owners[member.address].map { "\($0.guest) has it as \($0.nic)" }
        ?? supply.uses[member.address]?.words
      return words.map { "\(member.reference) (\(member.address)): \($0)" }
    }
    if details.count > 64 { details = Array(details.prefix(64)) + ["and \(details.count - 64) more"] }
    if kept > 0 { details.append("\(kept) kept for guests that are on another host") }
    let isLimited = supply.available.count > kept
    let claim = "\(demand.claim.name.value) of \(demand.guest.name)"
    return Refusal(
      .poolExhausted, nic: demand.pool, guest: demand.guest.name,
      isLimited
        ? "no available member of \(demand.pool) meets the conditions of \(claim)"
        : "\(demand.pool) has no available member for \(claim): it has \(members.count)",
      details: details, help: isLimited ? helpIfLimited : helpIfExhausted(host), origin: demand.origin)
  }

  private var helpIfLimited: String {
    let keys = [
      demand.claim.numa == .require ? "numa: require" : nil,
      demand.claim.spread == .require ? "spread: require" : nil, demand.port.map { "the port in \($0)" },
    ].compactMap { $0 }
    return "remove \(keys.joined(separator: " or ")) from the claim, or free one of the others"
  }

  private func helpIfExhausted(_ host: HostIndex) -> String {
    let rooms = Set(supply.members.map(\.port)).sorted().compactMap { port in
      host.functions[port]?.sriov.map { "\(port) supports \($0.total) VFs" }
    }
    let isSplit = supply.members.contains { $0.reference.virtualFunction != nil }
    return (isSplit ? "increase virtualFunctions.count (\(rooms.joined(separator: ", "))), " : "")
      + "add a NIC to \(demand.pool), or remove a claim"
  }
}
