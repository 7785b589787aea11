import Documents
import HostModel
import Manifests

/// Steps as proposed changes, so that the guards judge a way back as they judge a plan, and each step at its moment.
extension HostIndex {
  /// The function that a step of a way back changes, with what the manifests say of it; nil where it changes none.
  ///
  /// - Parameter claims: what guests are to have in the end; a way back asks for no claims.
  func candidate(
    of step: Step, _ request: Request, _ claims: [NICReference: GuestClaim] = [:]
  ) -> Candidate? {
    guard let address = step.action.function else { return nil }
    let reference = step.nic.flatMap { NICReference($0) }
    // VFs that are replaced go by the name of their PF, and are not what that says.
    let isPart = functions[address]?.virtualFunction != nil && reference?.virtualFunction == nil
    var candidate = Candidate(
      address: address, function: functions[address],
      nic: request.host.spec.nics.first {
        $0.name.value == reference?.nic && !(isPart && $0.virtualFunctions != nil)
      }, reference: reference,
      guestClaim: reference.flatMap { claims[$0] },
      holdings: holdings[address] ?? [], isComing: false)
    candidate.otherGuest = step.guest
    return candidate
  }

  /// What steps make of each function, in the order of its first step.
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
      if step.action.placed != nil { change.candidate.otherGuest = step.guest }
      step.action.kind.add(to: &change, on: self)
      changes[address] = change
    }
    return order.compactMap { changes[$0] }
  }
}
