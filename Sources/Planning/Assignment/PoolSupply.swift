import HostModel

/// The members of a pool that claims without one can get.
struct PoolSupply {
  /// All members of the pool, in the order of their addresses.
  let members: [PoolMember]
  /// What uses the members that no claim has.
  let uses: [PCIAddress: MemberUse]
  private(set) var available: [PoolMember]
  /// The number of available members on each port.
  private(set) var counts: [PCIAddress: Int]

  /// - Parameter owners: the claims that have members.
  init(_ members: [PoolMember], _ uses: [PCIAddress: MemberUse], owners: [PCIAddress: Demand.Key]) {
    self.members = members
    self.uses = uses
    available = members.filter { member in
      if case .taken = uses[member.address] { return false }
      return owners[member.address] == nil
    }
    counts = Dictionary(available.map { ($0.port, 1) }, uniquingKeysWith: +)
  }

  mutating func take(_ member: PoolMember) {
    available.removeAll { $0.address == member.address }
    counts[member.port, default: 0] -= 1
  }
}
