import Documents
import HostModel
import Manifests

extension PoolStatus {
  /// Returns the status of each pool, in the order of the manifests.
  public static func all(_ resolved: ResolvedRequest) -> [PoolStatus] {
    resolved.pools.map { PoolStatus($0, resolved) }
  }

  private init(_ pool: PoolState, _ resolved: ResolvedRequest) {
    self.init(name: pool.name, nodes: nil)
    let reason = resolved.reasonUnknown(pool)
    guard !pool.isRefused else {
      unavailable = reason
      return
    }
    var counts: [Int?: MemberCounts] = [:]
    var free: [PoolState.MemberState] = []
    for member in pool.members {
      switch member.holder {
      case .guest: counts[member.numaNode, default: MemberCounts()].assigned += 1
      case .other(let because):
        counts[member.numaNode, default: MemberCounts()].used += 1
        others.append(PoolUser(reference: member.reference, address: member.address, because: because))
      case nil:
        if reason == nil, resolved.host.isUseKnown(of: member.address) {
          free.append(member)
        } else {
          counts[member.numaNode, default: MemberCounts()].unknown += 1
        }
      }
    }
    let kept = Self.kept(pool.kept, of: free)
    for member in free {
      if kept.contains(member.address) {
        counts[member.numaNode, default: MemberCounts()].kept += 1
      } else {
        counts[member.numaNode, default: MemberCounts()].free += 1
      }
    }
    let missing = resolved.missingMembers(pool)
    for node in missing { counts[node, default: MemberCounts()].unknown += 1 }
    nodes = counts.map { NodeCounts(number: $0.key, counts: $0.value) }
      .sorted { ($0.number ?? Int.max) < ($1.number ?? Int.max) }
    if counts.values.contains(where: { $0.unknown > 0 }) {
      unavailable =
        reason ?? resolved.host.state.qemu.reason
        ?? (missing.isEmpty ? nil : resolved.reasonMissing(pool))
    }
  }

  /// Returns the free members that count as kept. Which ones a guest of another host would get is not decided
  /// yet, so these are the first ones that a guest without a NUMA node would get: those on the port with most
  /// free members.
  private static func kept(_ count: Int, of free: [PoolState.MemberState]) -> Set<PCIAddress> {
    var ports = Dictionary(grouping: free, by: \.port).mapValues { $0.map(\.address).sorted(by: >) }
    var result: Set<PCIAddress> = []
    for _ in 0..<min(count, free.count) {
      let best = ports.max { ($0.value.count, $1.key) < ($1.value.count, $0.key) }?.key
      guard let best, let address = ports[best]?.popLast() else { break }
      result.insert(address)
    }
    return result
  }
}

extension ResolvedRequest {
  /// Returns the reason why the members of the pool, or what has them, are unknown; nil if they are known.
  fileprivate func reasonUnknown(_ pool: PoolState) -> String? {
    if pool.isRefused { return assignmentRefusals.first { $0.nic == pool.name }?.message ?? "refused" }
    if let reason = host.state.libvirt.reason { return reason }
    return assignmentRefusals.first { $0.nic == pool.name && $0.code == .unavailable }?.message
  }

  /// Returns the NUMA nodes of the members that the manifests declare and that were not found: VFs at unknown
  /// addresses, and ports that are refused.
  fileprivate func missingMembers(_ pool: PoolState) -> [Int?] {
    let known = Set(pool.members.map(\.reference))
    return entries(of: pool).flatMap { nic -> [Int?] in
      let all = nic.virtualFunctions == nil ? nic.references : Array(nic.references.dropFirst())
      let port =
        resolution.functions[NICReference(nic: nic.name.value)]
        ?? nic.select.value.address.flatMap { host.functions[$0] }
      let node = port?.numaNode
      return all.filter { !known.contains("\($0)") }.map { _ in node }
    }
  }

  fileprivate func reasonMissing(_ pool: PoolState) -> String {
    let names = Set(entries(of: pool).map(\.name.value))
    let refusal = resolution.refusals.first { refusal in
      refusal.nic.flatMap { NICReference($0) }.map { names.contains($0.nic) } ?? false
    }
    return refusal?.message ?? "the addresses of the VFs are unknown"
  }

  /// The entries of the Host that are the ports of the pool.
  private func entries(of pool: PoolState) -> [HostNIC] {
    request.host.spec.nics.filter { NICReference(nic: $0.name.value).entry == pool.name }
  }
}

extension HostIndex {
  /// Whether it is known that no QEMU without libvirt has the function: all of them answered, or the kernel
  /// shows which processes have it open.
  fileprivate func isUseKnown(of address: PCIAddress) -> Bool {
    guard state.qemu.reason != nil, let function = functions[address] else { return true }
    return function.holders.value != nil
  }
}
