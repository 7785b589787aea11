import HostModel
import Planning

/// Simulates on a state how the kernel reacts to writes to the sysfs files of functions. Behaviour
/// and messages are as measured on Linux 6.12; see docs/host-behaviour.md.
struct SimulatedKernel {
  var state: HostState
  /// The ids that were added to each driver by `new_id`.
  private var ids: [String: Set<PCIID>] = [:]

  init(state: HostState) { self.state = state }

  /// The index of a function in the state.
  ///
  /// - Throws: `.unreadable` if there is no function at that address.
  func index(of address: PCIAddress) throws(HostFailure) -> Int {
    guard let index = state.functions.firstIndex(where: { $0.address == address }) else {
      throw HostFailure(.unreadable, "/sys/bus/pci/devices/\(address): No such file or directory")
    }
    return index
  }

  func binding(of address: PCIAddress) throws(HostFailure) -> Binding {
    Binding(of: state.functions[try index(of: address)])
  }

  /// The drivers that are registered.
  var drivers: [String] { state.kernel.drivers.value ?? [] }

  /// Loads a module by modprobe(8): a VFIO driver, pci-stub, or a driver of a function of the state.
  mutating func load(_ module: String) throws(HostFailure) {
    let isKnown =
      module == Drivers.vfio || module == Drivers.stub || Drivers.isForeign(module)
      || drivers.contains(module)
      || state.functions.contains { [$0.driver, $0.nativeDriver, $0.variantDriver].contains(module) }
    guard isKnown else { throw HostFailure(.refused, "modprobe \(module) failed (exit status 1)") }
    if !drivers.contains(module) { state.kernel.drivers = .known((drivers + [module]).sorted()) }
    if Drivers.isVFIO(module), state.kernel.hasVFIO != nil { state.kernel.hasVFIO = true }
    let modules = state.kernel.modules.value ?? []
    let name = String(module.map { $0 == "-" ? "_" : $0 })
    if !modules.contains(name) { state.kernel.modules = .known((modules + [name]).sorted()) }
  }

  /// Whether functions have a `driver_override` file, which kernels before 3.16 lack.
  var hasOverrides: Bool { !(state.simulation?.isWithoutOverride ?? false) }

  func id(of address: PCIAddress) throws(HostFailure) -> PCIID { state.functions[try index(of: address)].id }

  /// The functions of that id that have no driver.
  func unboundFunctions(_ id: PCIID) -> [PCIAddress] {
    state.functions.filter { $0.id == id && $0.driver == nil }.map(\.address)
  }

  /// Writes to `new_id`. The driver binds all functions with that id that have no driver, and keeps
  /// them when the id is removed.
  ///
  /// - Returns: false if the driver already has the id.
  mutating func addID(_ id: PCIID, to driver: String) throws(HostFailure) -> Bool {
    guard drivers.contains(driver) else { throw noFile(driver, "new_id") }
    guard ids[driver, default: []].insert(id).inserted else { return false }
    for address in unboundFunctions(id) where state[address]?.driverOverride == nil {
      try bind(address, by: driver)
    }
    return true
  }

  /// Writes to `remove_id`.
  mutating func removeID(_ id: PCIID, from driver: String) throws(HostFailure) {
    guard ids[driver]?.remove(id) != nil else {
      throw HostFailure(
        .refused, "writing to /sys/bus/pci/drivers/\(driver)/remove_id: No such device")
    }
  }

  /// Writes to `bind` of a driver.
  mutating func bind(_ address: PCIAddress, by driver: String) throws(HostFailure) {
    let function = state.functions[try index(of: address)]
    guard drivers.contains(driver) else { throw noFile(driver, "bind") }
    let isKnown =
      function.driverOverride.map { $0 == driver } ?? (ids[driver]?.contains(function.id) ?? false)
    guard isKnown || function.driverOverride == nil && function.nativeDriver == driver else {
      throw HostFailure(
        .refused, "writing \(address) to /sys/bus/pci/drivers/\(driver)/bind: No such device")
    }
    guard function.driver == nil else {
      throw HostFailure(
        .refused, "writing \(address) to /sys/bus/pci/drivers/\(driver)/bind: Device or resource busy")
    }
    try take(address, by: driver)
  }

  private func noFile(_ driver: String, _ file: String) -> HostFailure {
    HostFailure(.refused, "/sys/bus/pci/drivers/\(driver)/\(file): No such file or directory")
  }

  /// Writes to `driver_override`; nil clears it.
  mutating func setOverride(_ driver: String?, of address: PCIAddress) throws(HostFailure) {
    guard hasOverrides else {
      throw HostFailure(
        .refused, "/sys/bus/pci/devices/\(address)/driver_override: No such file or directory")
    }
    state.functions[try index(of: address)].driverOverride = driver
  }

  /// Writes to `driver/unbind` of a function. The function loses its interfaces and its VFs
  /// together with its driver.
  mutating func unbind(_ address: PCIAddress) throws(HostFailure) {
    let index = try index(of: address)
    guard state.functions[index].driver != nil else {
      throw HostFailure(
        .refused,
        "writing \(address) to /sys/bus/pci/devices/\(address)/driver/unbind: No such file or directory")
    }
    if let interface = state.functions[index].interfaces.first {
      let known = state.functions[index].remembered
      state.functions[index].remembered = RememberedIdentity(
        mac: interface.permanentMAC ?? interface.mac,
        interface: interface.namespace == nil ? interface.name : known?.interface,
        driver: state.functions[index].driver,
        altnames: interface.namespace == nil ? interface.altnames : known?.altnames ?? [])
    }
    state.functions[index].interfaces = []
    state.functions[index].driver = nil
    if let sriov = state.functions[index].sriov, sriov.count > 0 {
      state.functions[index].sriov?.count = 0
      state.functions.removeAll { $0.virtualFunction?.physicalFunction == address }
    }
  }

  /// Writes to `drivers_probe`, which binds the matching driver. The write also succeeds if no
  /// driver matches.
  mutating func probe(_ address: PCIAddress) throws(HostFailure) {
    let index = try index(of: address)
    let function = state.functions[index]
    guard function.driver == nil, let driver = function.driverOverride ?? function.nativeDriver,
      drivers.contains(driver)
    else { return }
    // A native driver binds only hardware that it supports; drivers of other tools bind any
    // function.
    if Drivers.isNative(driver), driver != function.nativeDriver { return }
    try take(address, by: driver)
  }

  private mutating func take(_ address: PCIAddress, by driver: String) throws(HostFailure) {
    let index = try index(of: address)
    let function = state.functions[index]
    if Drivers.isVFIO(driver), function.iommuGroup == nil { throw invalid(address) }
    if !Drivers.isPassthrough(driver) {
      // While a guest has the group open, no function of the group can be bound to a native driver.
      if isGroupHeld(function) { throw invalid(address) }
    }
    if Drivers.isNative(driver) {
      let identity = function.remembered
      if let name = identity?.interface ?? nameOfVF(function) {
        // The interface is down, and its addresses and routes are lost.
        state.functions[index].interfaces = [
          NetworkInterface(
            name: name, altnames: identity?.altnames ?? [], mac: identity?.mac, permanentMAC: identity?.mac,
            isUp: false)
        ]
      }
    }
    state.functions[index].driver = driver
  }

  /// The name that udev assigns to the interface of a VF, derived from that of its PF.
  private func nameOfVF(_ function: PCIFunction) -> String? {
    guard let place = function.virtualFunction else { return nil }
    return state[place.physicalFunction]?.interfacesInHostNamespace.first.map { "\($0.name)v\(place.index)" }
  }

  private func invalid(_ address: PCIAddress) -> HostFailure {
    HostFailure(.refused, "writing \(address) to /sys/bus/pci/drivers_probe: Invalid argument")
  }

  private func isGroupHeld(_ function: PCIFunction) -> Bool {
    state.functions.contains { other in
      other.iommuGroup != nil && other.iommuGroup == function.iommuGroup
        && !(other.holders.value ?? []).isEmpty
    }
  }
}
