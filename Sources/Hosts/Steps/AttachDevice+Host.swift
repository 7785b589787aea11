import Planning

extension AttachDevice: HostStep {
  func refreshed(on host: some HostPrimitives) throws(HostFailure) -> Action { .attach(self) }

  func state(on host: some HostPrimitives) throws(HostFailure) -> StepState {
    change.state(in: try host.guest(placement.guest))
  }

  func perform(on host: inout some HostPrimitives) throws(HostFailure) {
    try host.backend(of: placement.guest).attach(hostdev, placement)
  }

  func unverified(_ state: StepState) -> HostFailure { .unverified(state) }

  func pending(_ timeouts: Timeouts) -> PendingAnswer? {
    change.isLive ? PendingAnswer(guest: placement.guest, time: timeouts.step, unplug: .zero) : nil
  }
}
