import Documents
import HostModel
import Manifests

/// Steps as proposed changes, so that guards judge rollbacks and single steps as they judge plans.
extension HostIndex {
  /// Returns the function that a step changes, with what the manifests declare for it; `nil` if the
  /// step changes no function.
  ///
  /// - Parameter claims: the claims of guests; empty in a rollback.
  func candidate(
    of step: Step, _ request: Request, _ claims: [NICReference: GuestClaim] = [:]
  ) -> Candidate? {
    guard let address = step.action.function else { return nil }
    let reference = step.nic.flatMap { NICReference($0) }
    // VFs that are deleted with their PF have its name, and are not the NIC that the name stands for.
    let isPart = functions[address]?.virtualFunction != nil && reference?.virtualFunction == nil
    var candidate = Candidate(
      address: address, function: functions[address],
      nic: reference.flatMap { request.host.nic($0.nic) }.flatMap {
        isPart && $0.virtualFunctions != nil ? nil : $0
      }, reference: reference,
      guestClaim: reference.flatMap { claims[$0] },
      holdings: holdings[address] ?? [], isCreatedByPlan: false)
    candidate.otherGuest = step.guest
    return candidate
  }

  /// Returns the effect of the steps on each function, in the order of its first step.
  func changes(
    by steps: [Step], _ request: Request, _ claims: [NICReference: GuestClaim] = [:]
  ) -> [ProposedChange] {
    var order: [PCIAddress] = []
    var changes: [PCIAddress: ProposedChange] = [:]
    for step in steps {
      guard let candidate = candidate(of: step, request, claims) else { continue }
      let address = candidate.address
      if changes[address] == nil { order.append(address) }
      var change = changes[address] ?? ProposedChange(of: candidate)
      if step.action.resultingDevice != nil { change.candidate.otherGuest = step.guest }
      step.action.kind.add(to: &change, on: self)
      changes[address] = change
    }
    return order.compactMap { changes[$0] }
  }
}
