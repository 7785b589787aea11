import Documents
import HostModel
import Manifests

extension ResolvedManifests {
  /// Returns the request in which each member of a pool is a NIC of its own, and each claim names what it gets
  /// and has all settings. A claim that gets nothing stays as it is: no NIC has its name.
  func lowered(_ assigner: Assigner) -> Request {
    let hasDefaults = request.host.spec.nics.contains {
      $0.virtualFunctions.map { !$0.value.defaults.isEmpty } ?? false
    }
    guard hasDefaults || !demands.isEmpty || !request.host.spec.pools.isEmpty else { return request }
    var result = request
    result.host.spec.nics = pools.nics
    result.host.spec.pools = []
    result.targets = request.targets.map { target in
      guard case .nic(let name) = target, let reference = NICReference(name) else { return target }
      return .nic("\(pools.resolved(reference))")
    }
    for index in result.guests.indices {
      let guest = request.guests[index]
      for number in guest.spec.nics.indices {
        lower(&result.guests[index].spec.nics[number], of: guest, assigner)
      }
    }
    return result
  }

  private func lower(_ claim: inout Claim, of guest: GuestManifest, _ assigner: Assigner) {
    let key = Demand.Key(guest: guest.name, nic: claim.name.value)
    let assigned = assigner.assigned[key]?.member.reference
    claim.from.value = assigned ?? pools.resolved(claim.from.value)
    guard claim.from.value.virtualFunction != nil else { return }
    let entry = claim.from.value.entry
    if let defaults = request.host.defaults(of: entry), !defaults.isEmpty {
      claim.settings = defaults.with(claim.settings)
    }
    if assigned != nil {
      // The address belongs to the guest and goes with it to another VF.
      let name = "pool/\(request.host.name)/\(guest.name)/\(claim.name.value)"
      claim.settings.mac = claim.settings.mac ?? .stable(for: name)
    }
  }
}

extension Assigner {
  /// What claims get, in the order of the manifests.
  var assignments: [Assignment] {
    guard !assigned.isEmpty || !manifests.pools.ports.isEmpty else { return [] }
    return manifests.request.guests.flatMap { guest in
      guest.spec.nics.compactMap { claim in
        let key = Demand.Key(guest: guest.name, nic: claim.name.value)
        if let (member, reason, because) = assigned[key] {
          return Assignment(
            guest: key.guest, nic: key.nic, from: "\(claim.from.value)", member: "\(member.reference)",
            address: member.address, reason: reason, because: because)
        }
        // A port of a pool is named by its address or its number.
        let reference = manifests.pools.resolved(claim.from.value)
        guard reference != claim.from.value, let function = manifests.resolution.functions[reference] else {
          return nil
        }
        return Assignment(
          guest: key.guest, nic: key.nic, from: "\(claim.from.value)", member: "\(reference)",
          address: function.address, reason: .named, because: "the claim names it")
      }
    }
  }

  /// The state of each pool, and of each NIC whose VFs are claimed as a pool, in the order of the manifests.
  var pools: [PoolState] {
    let host = manifests.request.host
    let claimed = Set(manifests.demands.map(\.pool))
    let nics = host.spec.nics.map(\.name.value).filter(claimed.contains)
    return (nics + host.spec.pools.map(\.name.value)).map { name in
      PoolState(
        name: name,
        members: (manifests.members[name] ?? []).map { member in
          PoolState.MemberState(
            reference: "\(member.reference)", address: member.address, port: member.port,
            numaNode: member.numaNode, holder: holder(of: member))
        },
        kept: kept[name] ?? 0,
        isRefused: manifests.pools.refusals.contains { $0.nic == name })
    }
  }

  private func holder(of member: PoolMember) -> PoolState.Occupant? {
    if let owner = owners[member.address] { return .guest(owner.guest, nic: owner.nic) }
    if let fixed = manifests.fixed[member.reference] {
      return .guest(fixed.guest.name, nic: fixed.claim.name.value)
    }
    return manifests.use(of: member).map { .other($0.words) }
  }
}
