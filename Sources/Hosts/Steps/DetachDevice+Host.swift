import HostModel
import Planning

extension DetachDevice: HostStep {
  /// The device as it is now, with its address in the guest, so that a rollback adds it there.
  func refreshed(on host: some HostPrimitives) throws(HostFailure) -> Action {
    let now = try host.guest(placement.guest)?.hostdevs(placement.part)?
      .first { placement.guest.isSame($0, hostdev) }
    return .detach(now ?? hostdev, placement)
  }

  func state(on host: some HostPrimitives) throws(HostFailure) -> StepState {
    change.state(in: try host.guest(placement.guest))
  }

  func perform(on host: inout some HostPrimitives) throws(HostFailure) {
    try host.detach(hostdev, placement)
  }

  func unverified(_ state: StepState) -> HostFailure { .unverified(state) }

  func pending(_ timeouts: Timeouts) -> PendingAnswer? {
    change.isLive
      ? PendingAnswer(
        guest: placement.guest, time: timeouts.step + timeouts.unplug, unplug: timeouts.unplug)
      : nil
  }
}
