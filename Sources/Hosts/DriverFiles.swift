import HostModel
import Planning

/// What sysfs offers for binding a function, on a real kernel or a simulated one.
protocol DriverFiles {
  func binding(of address: PCIAddress) throws(HostFailure) -> Binding
  func holders(of address: PCIAddress) -> Observed<[Holder]>
  mutating func setOverride(_ driver: String?, of address: PCIAddress) throws(HostFailure)
  mutating func unbind(_ address: PCIAddress) throws(HostFailure)
  mutating func probe(_ address: PCIAddress) throws(HostFailure)
}

extension DriverFiles {
  /// The override first, so that at no moment another driver may take the function; then unbind and probe.
  /// Whether it worked is for the caller to read back: a probe that finds no driver succeeds.
  mutating func bind(_ address: PCIAddress, to goal: Binding) throws(HostFailure) {
    let now = try binding(of: address)
    let stays =
      goal.isKernelsChoice
      ? now.driver != nil && !Drivers.isPassthrough(now.driver) : now.driver == goal.driver
    guard !stays else { return try setOverride(goal.override, of: address) }
    if Drivers.mayBeHeld(now.driver) { try checkUnused(address) }
    let steering = goal.isKernelsChoice ? nil : goal.driver
    try setOverride(steering ?? goal.override, of: address)
    if now.driver != nil { try unbind(address) }
    if goal.isKernelsChoice || goal.driver != nil { try probe(address) }
    if let steering, steering != goal.override { try setOverride(goal.override, of: address) }
  }

  /// The last look before a passthrough driver is taken away: unbinding what a process holds blocks until
  /// that process ends, and nothing ends the writer.
  private func checkUnused(_ address: PCIAddress) throws(HostFailure) {
    switch holders(of: address) {
    case .known(let holders):
      guard let holder = holders.first else { return }
      throw HostFailure(
        .inUse, "process \(holder.process) (\(holder.command)) has the VFIO group of \(address) open")
    case .unavailable(let reason):
      throw HostFailure(.unreadable, "whether a process uses \(address) is not known: \(reason)")
    }
  }

  /// How far a binding has come.
  func progress(of address: PCIAddress, from: Binding, to: Binding) throws(HostFailure) -> Progress {
    let now = try binding(of: address)
    return Progress(from.isMet(by: now), to.isMet(by: now), otherwise: "\(address) is on \(now)")
  }
}
