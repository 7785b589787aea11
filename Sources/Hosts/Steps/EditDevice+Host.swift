import HostModel
import Planning

extension EditDevice: HostStep {
  /// The device as it is now, so that a rollback restores it.
  func refreshed(on host: some HostPrimitives) throws(HostFailure) -> Action {
    guard state(in: try host.guest(placement.guest)) == .notDone else { return .edit(self) }
    let now = try host.backend(of: placement.guest).definition(of: from, placement, as: to.device)
    var step = self
    step.from = now.hostdev
    step.to = goal(for: now.hostdev)
    step.to.element = now.element
    step.rest = now.rest
    return .edit(step)
  }

  func state(on host: some HostPrimitives) throws(HostFailure) -> StepState {
    state(in: try host.guest(placement.guest))
  }

  func perform(on host: inout some HostPrimitives) throws(HostFailure) {
    try host.backend(of: placement.guest).edit(self)
  }

  func unverified(_ state: StepState) -> HostFailure { .unverified(state) }

  func pending(_ timeouts: Timeouts) -> PendingAnswer? { nil }
}
