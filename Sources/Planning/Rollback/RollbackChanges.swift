import Documents
import HostModel
import Manifests

/// A way back as proposed changes, so that the guards judge it as they judge a plan.
extension HostIndex {
  /// The function that a step of a way back changes, with what the manifests say of it; nil where it changes none.
  func candidate(of step: Step, _ request: Request) -> Candidate? {
    guard let address = step.action.function else { return nil }
    let reference = step.nic.flatMap { NICReference($0) }
    var candidate = Candidate(
      address: address, function: functions[address],
      nic: request.host.spec.nics.first { $0.name.value == reference?.nic }, reference: reference,
      wanted: nil,
      holdings: holdings[address] ?? [], isComing: false)
    candidate.otherGuest = step.guest
    return candidate
  }

  /// What the steps of a way back make of each function, in the order of its first step.
  func changes(by steps: [Step], _ request: Request) -> [ProposedChange] {
    var order: [PCIAddress] = []
    var changes: [PCIAddress: ProposedChange] = [:]
    for step in steps {
      guard let candidate = candidate(of: step, request) else { continue }
      let address = candidate.address
      if changes[address] == nil { order.append(address) }
      var change = changes[address] ?? ProposedChange(of: candidate)
      if step.action.device?.isAdded ?? false { change.candidate.otherGuest = step.guest }
      step.action.kind.add(to: &change, on: self)
      changes[address] = change
    }
    return order.compactMap { changes[$0] }
  }
}
