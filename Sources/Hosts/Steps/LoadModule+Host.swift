import Planning

extension LoadModule: HostStep {
  func refreshed(on host: some HostPrimitives) throws(HostFailure) -> Action { .load(self) }

  func state(on host: some HostPrimitives) throws(HostFailure) -> StepState {
    host.hasDriver(module) ? .done : .notDone
  }

  func perform(on host: inout some HostPrimitives) throws(HostFailure) { try host.load(module: module) }

  func unverified(_ state: StepState) -> HostFailure { .unverified(state) }

  func pending(_ timeouts: Timeouts) -> PendingAnswer? { nil }
}
