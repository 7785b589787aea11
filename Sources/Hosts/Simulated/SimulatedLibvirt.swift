import HostModel
import Manifests
import Planning

/// What libvirt itself does with the functions that it hands out, on a state.
extension SimulatedKernel {
  /// It binds a managed device itself and remembers from where; then QEMU opens its group.
  mutating func open(_ hostdev: Hostdev, for manager: GuestManager) throws(HostFailure) {
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
    if hostdev.isManaged, case .libvirt = manager {
      // As version 10.0 and later: the driver that the XML names, else the variant that the kernel recommends.
      let driver = hostdev.vfioModel ?? function.variantDriver ?? Drivers.vfio
      if function.driver != driver { try takeForLibvirt(function, by: driver) }
    } else if !(function.driver.map(Drivers.opensVFIO) ?? false) {
      throw refusal(
        .operationInvalid, .none,
        "Requested operation is not valid: Unmanaged PCI device \(hostdev.address) must be manually detached "
          + "from the host")
    }
    if let problem = openGroup(of: hostdev.address, for: manager) {
      throw refusal(
        .internalError, .qemu, "internal error: unable to execute QEMU command 'device_add': \(problem)")
    }
  }

  /// Whether libvirt takes the host for one that has VFIO: it looks for `/dev/vfio/vfio`, and loads nothing to have it.
  private var hasVFIO: Bool { drivers.contains(where: Drivers.opensVFIO) || state.kernel.hasVFIO ?? false }

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
    // From a VFIO driver it comes back to the driver that the kernel chooses.
    simulation.managedFrom["\(address)"] = Drivers.opensVFIO(found) ? function.hostDriver : found
    state.simulation = simulation
  }

  /// libvirt gives the VF its MAC address and its VLAN through the PF, and remembers what it found.
  mutating func configure(_ hostdev: Hostdev) throws(HostFailure) {
    let index = try index(of: hostdev.address)
    guard case .known(let found) = state.functions[index].virtualFunction?.settings else { return }
    var simulation = state.simulation ?? Simulation()
    simulation.interfaceFrom["\(hostdev.address)"] = VFSettings(mac: found.mac, vlan: found.vlan)
    state.simulation = simulation
    let goal = VFSettings(mac: hostdev.mac, vlan: hostdev.vlan.map { VLAN(id: $0) } ?? VLAN.none)
    state.functions[index].virtualFunction?.settings = .known(found.with(goal))
  }

  /// libvirt puts a managed device back where it found it, and a VF to what was set on it.
  mutating func putBack(_ hostdev: Hostdev) {
    if let found = state.simulation?.interfaceFrom.removeValue(forKey: "\(hostdev.address)"),
      let number = state.functions.firstIndex(where: { $0.address == hostdev.address }),
      case .known(let now) = state.functions[number].virtualFunction?.settings
    {
      state.functions[number].virtualFunction?.settings = .known(now.with(found))
    }
    guard let driver = state.simulation?.managedFrom.removeValue(forKey: "\(hostdev.address)") else { return }
    // What goes wrong here, libvirt writes into its log only: the device has left the guest all the same.
    try? rebind(hostdev.address, to: driver)
    try? setOverride(nil, of: hostdev.address)
  }

  /// As libvirt does it, which asks nobody who has the group open.
  private mutating func rebind(_ address: PCIAddress, to driver: String) throws(HostFailure) {
    try setOverride(driver, of: address)
    if try binding(of: address).driver != nil { try unbind(address) }
    try probe(address)
  }
}
