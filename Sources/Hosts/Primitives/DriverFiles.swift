import HostModel
import Planning

/// What sysfs offers for binding a function, on a real kernel or a simulated one.
protocol DriverFiles: Holdable {
  func binding(of address: PCIAddress) throws(HostFailure) -> Binding
  /// Kernels before 3.16 have no `driver_override`.
  func hasOverride(_ address: PCIAddress) throws(HostFailure) -> Bool
  mutating func setOverride(_ driver: String?, of address: PCIAddress) throws(HostFailure)
  mutating func unbind(_ address: PCIAddress) throws(HostFailure)
  mutating func probe(_ address: PCIAddress) throws(HostFailure)

  func id(of address: PCIAddress) throws(HostFailure) -> PCIID
  /// The functions of that id that no driver has.
  func driverless(_ id: PCIID) throws(HostFailure) -> [PCIAddress]
  /// False where the driver has the id already.
  mutating func addID(_ id: PCIID, to driver: String) throws(HostFailure) -> Bool
  mutating func removeID(_ id: PCIID, from driver: String) throws(HostFailure)
  mutating func bind(_ address: PCIAddress, by driver: String) throws(HostFailure)
}

extension DriverFiles {
  /// The override first, so that at no moment another driver may take the function; then unbind and probe.
  /// Whether it worked is for the caller to read back: a probe that finds no driver succeeds.
  mutating func bind(_ address: PCIAddress, to goal: Binding) throws(HostFailure) {
    let now = try binding(of: address)
    let stays =
      goal.isKernelsChoice
      ? now.driver != nil && !Drivers.isPassthrough(now.driver) : now.driver == goal.driver
    guard !stays else {
      return try now.override == goal.override ? () : setOverride(goal.override, of: address)
    }
    // What has no driver loses none to VFIO's, whoever has its group open.
    let takesNothing = now.driver == nil && goal.driver.map(Drivers.opensVFIO) ?? false
    if !takesNothing { try checkUnused([address]) }
    if goal.isByNewID, let driver = goal.driver { return try bindByNewID(address, from: now, to: driver) }
    guard try hasOverride(address) else { return try bindWithoutOverride(address, from: now, to: goal) }
    let steering = goal.isKernelsChoice ? nil : goal.driver
    try setOverride(steering ?? goal.override, of: address)
    if now.driver != nil { try unbind(address) }
    if goal.isKernelsChoice || goal.driver != nil { try probe(address) }
    if let steering, steering != goal.override { try setOverride(goal.override, of: address) }
  }

  /// As it was done before there were overrides. The id is taken away again whatever happens: while the driver has
  /// it, it takes every card of that kind that comes free.
  private mutating func bindByNewID(
    _ address: PCIAddress, from now: Binding, to driver: String
  ) throws(HostFailure) {
    let id = try id(of: address)
    if let other = try driverless(id).first(where: { $0 != address }) {
      throw HostFailure(
        .refused,
        "\(other) is of the same kind (\(id)) and has no driver: by new_id \(driver) would take it, too",
        help: "give it a driver first, or leave out --legacy-new-id where the kernel has driver_override")
    }
    if now.override != nil { try setOverride(nil, of: address) }
    let isAdded = try addID(id, to: driver)
    var failure: HostFailure?
    do throws(HostFailure) {
      if now.driver != nil { try unbind(address) }
      // A function without a driver was taken as soon as the id was there.
      if try binding(of: address).driver != driver { try bind(address, by: driver) }
    } catch {
      failure = error
    }
    if isAdded {
      do throws(HostFailure) { try removeID(id, from: driver) } catch {
        guard failure != nil else { throw error }
        failure?.message += "; and the id \(id) could not be taken from \(driver) again: \(error.message)"
      }
    }
    if let failure { throw failure }
  }

  /// Back to a driver that knows the function by itself.
  private mutating func bindWithoutOverride(
    _ address: PCIAddress, from now: Binding, to goal: Binding
  ) throws(HostFailure) {
    guard !Drivers.isPassthrough(goal.driver) else {
      throw HostFailure(
        .unsupported,
        "this kernel has no driver_override: \(address) cannot be bound to \(goal.driver ?? "") by it",
        help: "--legacy-new-id binds by new_id, as before Linux 3.16")
    }
    if now.driver != nil { try unbind(address) }
    if let driver = goal.driver {
      try bind(address, by: driver)
    } else if goal.isKernelsChoice {
      try probe(address)
    }
  }
}
