import Documents
import HostModel
import Manifests

/// What uses a member of a pool that no demand has.
enum MemberUse: Equatable {
  /// Something that the plan does not change.
  case taken(String)
  /// A guest that loses it in the same plan.
  case freed(String)

  var words: String {
    switch self {
    case .taken(let words), .freed(let words): words
    }
  }
}

extension ResolvedManifests {
  /// Returns what uses a member, or nil if nothing does.
  func use(of member: PoolMember) -> MemberUse? {
    if let claimant = fixed[member.reference] {
      return .taken("\(claimant.guest.name) claims it by name as \(claimant.claim.name.value)")
    }
    var freed: MemberUse?
    for holding in host.holdings[member.address] ?? [] {
      let guest = names[holding.guest]
      guard holding.isAssignedByPcipass, names.described(holding.guest) != nil || request.prune else {
        return .taken("\(guest) has it")
      }
      freed = .freed("\(guest) has it")
    }
    if let freed { return freed }
    if let kept = memory.otherGuest(having: member.address) { return .taken(kept) }
    guard let function = host.functions[member.address] else { return nil }
    if let network = host.networks.network(of: function), network.ownsMembers {
      return .taken("the libvirt network \(network.name) assigns it")
    }
    if let owner = function.foreignOwner { return .taken("another tool manages it: \(owner)") }
    // Without a look at guests, the process may be the guest that has the member.
    if request.part == .everything, let holder = function.holders.value?.first {
      return .taken("process \(holder.process) (\(holder.command)) has it open")
    }
    let isAllowed = request.host.nic(member.reference.nic)?.allow.contains(.hostNetwork) ?? false
    return isAllowed ? nil : function.hostUses.first.map { .taken("the host uses it: \($0)") }
  }
}
