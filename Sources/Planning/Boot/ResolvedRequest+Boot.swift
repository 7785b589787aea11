import Documents
import HostModel
import Manifests

extension ResolvedRequest {
  /// Returns what is to be recorded for the boot of each function that the manifests name, as the host has it
  /// now; nil for a function of which nothing has to be set up. Functions that the host does not have as the
  /// manifests declare are left out.
  ///
  /// - Parameters:
  ///   - provenance: the run. The line of the manifest is added.
  ///   - left: the plan for what still differs.
  public func bootEntries(from provenance: BootEntry.Provenance, without left: Plan) -> [PCIAddress:
    BootEntry?]
  {
    let differing = left.differingFunctions
    let refused = Set(left.refusals.compactMap(\.nic))
    let builder = PlanBuilder(self)
    var result: [PCIAddress: BootEntry?] = [:]
    for change in builder.changes() where !change.isHeldElsewhere {
      let candidate = change.candidate
      guard let name = candidate.name, let function = candidate.function,
        !candidate.isCreatedByPlan, !differing.contains(function.address), !refused.contains(name),
        let identity = host.identity(of: function.address)
      else { continue }
      result[function.address] = .some(entry(of: candidate, function, identity, name, provenance))
    }
    return result
  }

  /// - Returns: nil if the host has the function as the kernel sets it up.
  private func entry(
    of candidate: Candidate, _ function: PCIFunction, _ identity: FunctionIdentity, _ name: String,
    _ provenance: BootEntry.Provenance
  ) -> BootEntry? {
    let claim = candidate.guestClaim
    var entry = BootEntry(
      address: function.address, identity: identity,
      physicalFunction: function.virtualFunction?.physicalFunction, nic: name,
      isInterface: claim?.claim.device == .interface, provenance: provenance)
    entry.provenance.origin = (claim?.claim.from.location ?? candidate.nic?.name.location)?.description
    if let claim {
      entry.guest = BootEntry.Guest(
        name: claim.guest.name, uuid: claim.manager.flatMap { host.guests[$0]?.uuid })
    }
    // libvirt binds the function of such a claim when the guest starts.
    if claim?.claim.bind != .onStart, claim != nil || candidate.nic?.reserve ?? false,
      Drivers.isPassthrough(function.driver)
    {
      entry.binding = Binding(
        driver: function.driver, override: request.legacyNewID ? nil : function.driver,
        isByNewID: request.legacyNewID)
    }
    if candidate.reference?.virtualFunction == nil, candidate.nic?.virtualFunctions != nil,
      let sriov = function.sriov, sriov.count > 0
    {
      entry.virtualFunctions = VFSet(count: sriov.count, autoprobe: sriov.autoprobe)
    }
    if let claim, !claim.isElsewhere, var settings = function.virtualFunction?.settings.value {
      if entry.isInterface { (settings.mac, settings.vlan) = (nil, nil) }
      entry.settings = settings
    }
    let isEmpty = entry.guest == nil && entry.binding == nil && entry.virtualFunctions == nil
    return isEmpty ? nil : entry
  }
}

extension Plan {
  /// The functions that are not as the manifests declare, because a step or a refusal is about them.
  public var differingFunctions: Set<PCIAddress> {
    Set(steps.compactMap(\.action.function) + guards.filter { $0.verdict == .refused }.map(\.function))
  }
}
