import HostModel
import Planning

extension ConfigureVF: HostStep {
  func refreshed(on host: some HostPrimitives) throws(HostFailure) -> Action {
    .configure(place, from: to.counterpart(in: try host.files.settings(of: place)), to: to)
  }

  func state(on host: some HostPrimitives) throws(HostFailure) -> StepState {
    state(at: .known(try host.files.settings(of: place)))
  }

  func perform(on host: inout some HostPrimitives) throws(HostFailure) {
    try host.files.set(to, of: place)
  }

  func unverified(_ state: StepState) -> HostFailure { .unverified(state) }

  func pending(_ timeouts: Timeouts) -> PendingAnswer? { nil }
}
