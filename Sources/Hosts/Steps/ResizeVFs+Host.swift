import Planning

extension ResizeVFs: HostStep {
  func refreshed(on host: some HostPrimitives) throws(HostFailure) -> Action {
    .resize(address, from: try host.files.vfSet(of: address), to: to)
  }

  /// The VF settings are read only if the step restores or records some: that costs a netlink request.
  func state(on host: some HostPrimitives) throws(HostFailure) -> StepState {
    guard from.settings.isEmpty, to.settings.isEmpty else {
      return state(at: try host.files.vfSet(of: address))
    }
    return state(
      at: VFSet(
        count: try host.files.virtualFunctions(of: address).count,
        autoprobe: try host.files.autoprobe(of: address)))
  }

  func perform(on host: inout some HostPrimitives) throws(HostFailure) {
    try host.files.resize(address, to: to)
  }

  func unverified(_ state: StepState) -> HostFailure { .unverified(state) }

  func pending(_ timeouts: Timeouts) -> PendingAnswer? { nil }
}
