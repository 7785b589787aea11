import Planning

extension BindDriver: HostStep {
  func refreshed(on host: some HostPrimitives) throws(HostFailure) -> Action {
    .bind(address, from: try host.files.binding(of: address), to: to)
  }

  func state(on host: some HostPrimitives) throws(HostFailure) -> StepState {
    state(at: try host.files.binding(of: address))
  }

  func perform(on host: inout some HostPrimitives) throws(HostFailure) {
    try host.files.bind(address, to: to)
  }

  /// Every write succeeds also if no driver matches, because a probe without a match is not an error.
  func unverified(_ state: StepState) -> HostFailure {
    switch state {
    case .other(let found):
      HostFailure(
        .unverified, "the kernel accepted every write, but \(found), not on \(to)",
        help: "the driver may not support this function; see dmesg")
    case .notDone, .done:
      HostFailure(.unverified, "the kernel accepted every write, but \(address) is on \(from), not on \(to)")
    }
  }

  func pending(_ timeouts: Timeouts) -> PendingAnswer? { nil }
}
