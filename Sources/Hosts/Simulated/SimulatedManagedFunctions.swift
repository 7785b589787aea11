import HostModel
import Manifests
import Planning

/// Simulates how libvirt binds and configures the functions that it assigns.
extension SimulatedKernel {
  /// Assigns a function to a running domain. libvirt binds a managed function to a VFIO driver and
  /// remembers its previous driver; then QEMU opens its IOMMU group.
  mutating func open(_ hostdev: Hostdev, forDomain name: String) throws(HostFailure) {
    let number = try index(of: hostdev.address)
    if let owner = state.allGuests.first(where: {
      $0.state.live?.contains { $0.address == hostdev.address } ?? false
    }) {
      throw refusal(
        .operationInvalid, .none,
        "Requested operation is not valid: PCI device \(hostdev.address) is in use by driver QEMU, domain "
          + owner.state.name)
    }
    let function = state.functions[number]
    if hostdev.isManaged {
      // libvirt 10.0 and later use the driver that the XML names, otherwise the variant that the
      // kernel recommends.
      let driver = hostdev.vfioModel ?? function.variantDriver ?? Drivers.vfio
      if function.driver != driver { try takeForLibvirt(function, by: driver) }
    } else if !(function.driver.map(Drivers.isVFIO) ?? false) {
      throw refusal(
        .operationInvalid, .none,
        "Requested operation is not valid: Unmanaged PCI device \(hostdev.address) must be manually detached "
          + "from the host")
    }
    if let problem = openGroup(of: hostdev.address, for: .libvirt(domain: name)) {
      throw refusal(
        .internalError, .qemu, "internal error: unable to execute QEMU command 'device_add': \(problem)")
    }
  }

  /// Whether libvirt finds `/dev/vfio/vfio`. libvirt does not load a module to create it.
  private var hasVFIO: Bool { drivers.contains(where: Drivers.isVFIO) || state.kernel.hasVFIO ?? false }

  private mutating func takeForLibvirt(_ function: PCIFunction, by driver: String) throws(HostFailure) {
    let address = function.address
    guard hasVFIO else {
      throw refusal(
        .unsupported, .qemu, "unsupported configuration: host doesn't support passthrough of host PCI devices"
      )
    }
    do throws(HostFailure) { try load(driver) } catch {
      throw refusal(
        .internalError, .none,
        "internal error: Failed to load PCI driver module \(driver): modprobe: FATAL: Module \(driver) not found"
      )
    }
    try rebind(address, to: driver)
    guard let found = function.driver else { return }
    var simulation = state.simulation ?? Simulation()
    // A function that was on a VFIO driver is bound afterwards to the driver that the kernel
    // chooses.
    simulation.managedFrom["\(address)"] = Drivers.isVFIO(found) ? function.nativeDriver : found
    state.simulation = simulation
  }

  /// Sets the MAC address and the VLAN of a VF through its PF. libvirt remembers the previous
  /// values.
  mutating func configure(_ hostdev: Hostdev) throws(HostFailure) {
    let index = try index(of: hostdev.address)
    guard case .known(let found) = state.functions[index].virtualFunction?.settings else { return }
    var simulation = state.simulation ?? Simulation()
    simulation.interfaceFrom["\(hostdev.address)"] = VFSettings(mac: found.mac, vlan: found.vlan)
    state.simulation = simulation
    let goal = VFSettings(mac: hostdev.mac, vlan: hostdev.vlan.map { VLAN(id: $0) } ?? VLAN.none)
    state.functions[index].virtualFunction?.settings = .known(found.with(goal))
  }

  /// Restores a function that was removed from its guest: binds a managed function to the driver
  /// that libvirt remembers, and restores the VF settings that libvirt remembers.
  mutating func restore(_ hostdev: Hostdev) {
    if let found = state.simulation?.interfaceFrom.removeValue(forKey: "\(hostdev.address)"),
      let number = state.functions.firstIndex(where: { $0.address == hostdev.address }),
      case .known(let now) = state.functions[number].virtualFunction?.settings
    {
      state.functions[number].virtualFunction?.settings = .known(now.with(found))
    }
    guard let driver = state.simulation?.managedFrom.removeValue(forKey: "\(hostdev.address)") else { return }
    // libvirt only logs a failure here, because the device is already removed from the guest.
    try? rebind(hostdev.address, to: driver)
    try? setOverride(nil, of: hostdev.address)
  }

  /// Rebinds a function as libvirt does, without a check whether a process has its group open.
  private mutating func rebind(_ address: PCIAddress, to driver: String) throws(HostFailure) {
    try setOverride(driver, of: address)
    if try binding(of: address).driver != nil { try unbind(address) }
    try probe(address)
  }
}
