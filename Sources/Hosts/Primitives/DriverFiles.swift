import HostModel
import Planning

/// The sysfs files for binding a function, of a real or a simulated kernel (Linux,
/// Documentation/ABI/testing/sysfs-bus-pci).
protocol DriverFiles: HolderProviding {
  /// The driver and the override of a function.
  func binding(of address: PCIAddress) throws(HostFailure) -> Binding
  /// Whether the function has a `driver_override` file, which kernels before 3.16 lack.
  func hasOverride(_ address: PCIAddress) throws(HostFailure) -> Bool
  /// Writes `driver_override`; nil clears it.
  mutating func setOverride(_ driver: String?, of address: PCIAddress) throws(HostFailure)
  /// Writes `driver/unbind`.
  mutating func unbind(_ address: PCIAddress) throws(HostFailure)
  /// Writes `drivers_probe`. This succeeds also if no driver matches.
  mutating func probe(_ address: PCIAddress) throws(HostFailure)

  /// The vendor and device id.
  func id(of address: PCIAddress) throws(HostFailure) -> PCIID
  /// The functions with this id that have no driver.
  func unboundFunctions(_ id: PCIID) throws(HostFailure) -> [PCIAddress]
  /// Writes `new_id`. Returns false if the driver already has the id (EEXIST).
  mutating func addID(_ id: PCIID, to driver: String) throws(HostFailure) -> Bool
  /// Writes `remove_id`.
  mutating func removeID(_ id: PCIID, from driver: String) throws(HostFailure)
  /// Writes `bind` of the driver.
  mutating func bind(_ address: PCIAddress, by driver: String) throws(HostFailure)
}

extension DriverFiles {
  /// Binds a function: sets the override, unbinds, probes. The override is set first, so that no
  /// other driver can bind the function in between. The caller verifies the result, because a probe
  /// that matches no driver succeeds.
  ///
  /// - Throws: `HostFailure(.inUse)` if the function would lose its driver while a process has it open.
  mutating func bind(_ address: PCIAddress, to goal: Binding) throws(HostFailure) {
    let now = try binding(of: address)
    let stays =
      goal.isChosenByKernel
      ? now.driver != nil && !Drivers.isPassthrough(now.driver) : now.driver == goal.driver
    guard !stays else {
      return try now.override == goal.override ? () : setOverride(goal.override, of: address)
    }
    // A function without a driver loses none, so binding it to a VFIO driver is safe even if its group is
    // open.
    let takesNothing = now.driver == nil && goal.driver.map(Drivers.isVFIO) ?? false
    if !takesNothing { try checkUnused([address]) }
    if goal.isByNewID, let driver = goal.driver { return try bindByNewID(address, from: now, to: driver) }
    guard try hasOverride(address) else { return try bindWithoutOverride(address, from: now, to: goal) }
    let steering = goal.isChosenByKernel ? nil : goal.driver
    try setOverride(steering ?? goal.override, of: address)
    if now.driver != nil { try unbind(address) }
    if goal.isChosenByKernel || goal.driver != nil { try probe(address) }
    if let steering, steering != goal.override { try setOverride(goal.override, of: address) }
  }

  /// Binds through `new_id`, for kernels without `driver_override`. The id is removed again even after a
  /// failure: until then the driver binds every function of that id that has no driver.
  private mutating func bindByNewID(
    _ address: PCIAddress, from now: Binding, to driver: String
  ) throws(HostFailure) {
    let id = try id(of: address)
    if let other = try unboundFunctions(id).first(where: { $0 != address }) {
      throw HostFailure(
        .refused,
        "\(other) has the same id (\(id)) and no driver: new_id would bind it to \(driver) too",
        help: "first bind a driver to it, or omit --legacy-new-id if the kernel has driver_override")
    }
    if now.override != nil { try setOverride(nil, of: address) }
    let isAdded = try addID(id, to: driver)
    var failure: HostFailure?
    do throws(HostFailure) {
      if now.driver != nil { try unbind(address) }
      // Adding the id already bound the function if it had no driver.
      if try binding(of: address).driver != driver { try bind(address, by: driver) }
    } catch {
      failure = error
    }
    if isAdded {
      do throws(HostFailure) { try removeID(id, from: driver) } catch {
        guard failure != nil else { throw error }
        failure?.message += "; the id \(id) could not be removed from \(driver): \(error.message)"
      }
    }
    if let failure { throw failure }
  }

  /// Binds to a native driver on a kernel without `driver_override`.
  private mutating func bindWithoutOverride(
    _ address: PCIAddress, from now: Binding, to goal: Binding
  ) throws(HostFailure) {
    guard !Drivers.isPassthrough(goal.driver) else {
      throw HostFailure(
        .unsupported,
        "cannot bind \(address) to \(goal.driver ?? ""): this kernel has no driver_override",
        help: "on kernels before 3.16, use --legacy-new-id, which binds by new_id")
    }
    if now.driver != nil { try unbind(address) }
    if let driver = goal.driver {
      try bind(address, by: driver)
    } else if goal.isChosenByKernel {
      try probe(address)
    }
  }
}
