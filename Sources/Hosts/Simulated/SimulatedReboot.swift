import Documents
import HostModel
import Planning

/// Simulates a reboot of the host, and how libvirt starts guests afterwards.
extension SimulatedKernel {
  /// Restarts the host. Drivers are those that the kernel chooses, VFs are gone, guests are off. Functions that
  /// the host does not use have interfaces that are down; the others are configured as before.
  mutating func reboot() {
    state.functions.removeAll { $0.virtualFunction != nil }
    for index in state.functions.indices { state.functions[index].reboot() }
    if let list = state.libvirt.value {
      state.libvirt = .known(
        list.filter { $0.persistent != nil }.map { guest in
          var guest = guest
          if guest.run != .shutoff { guest.isSavedToFile = false }
          (guest.run, guest.live, guest.freePorts) = (.shutoff, nil, nil)
          return guest
        })
    }
    if let list = state.qemu.value {
      state.qemu = .known(
        list.map { guest in
          var guest = guest
          (guest.run, guest.live, guest.freePorts) = (.shutoff, nil, nil)
          (guest.uuid, guest.process, guest.models, guest.buses) = (nil, nil, [], [])
          return guest
        })
    }
    if let list = state.networks?.value {
      state.networks = .known(
        list.map { network in
          var network = network
          network.isActive = network.isAutostarted
          return network
        })
    }
    let native = Set(state.functions.compactMap(\.nativeDriver))
    let isLoadedAtBoot = { (driver: String) in !Drivers.isPassthrough(driver) || native.contains(driver) }
    if let drivers = state.kernel.drivers.value {
      state.kernel.drivers = .known(drivers.filter(isLoadedAtBoot))
    }
    if let modules = state.kernel.modules.value {
      state.kernel.modules = .known(modules.filter(isLoadedAtBoot))
    }
    state.kernel.bootID = Self.next(state.kernel.bootID ?? "")
    state.simulation?.managedFrom = [:]
    state.simulation?.interfaceFrom = [:]
    state.simulation?.leaving = [:]
  }

  /// Another boot id, the same each time: that of a simulated host is not random, so that outputs are the same.
  private static func next(_ boot: String) -> String {
    let digits = SHA256.hexDigest(of: boot.utf8).prefix(32)
    var parts: [Substring] = []
    var rest = digits[...]
    for length in [8, 4, 4, 4, 12] {
      parts.append(rest.prefix(length))
      rest = rest.dropFirst(length)
    }
    return parts.joined(separator: "-")
  }
}

extension PCIFunction {
  fileprivate mutating func reboot() {
    holders = .known([])
    driverOverride = nil
    sriov?.count = 0
    if sriov?.autoprobe != nil { sriov?.autoprobe = true }
    if interfaces.isEmpty, Drivers.isNative(nativeDriver), deviceClass.isNetwork {
      let name = remembered?.interface ?? "enp\(address.bus)s\(address.device)f\(address.function)"
      interfaces = [
        NetworkInterface(
          name: name, altnames: remembered?.altnames ?? [], mac: remembered?.mac,
          permanentMAC: remembered?.mac)
      ]
    }
    driver = nativeDriver
    for index in interfaces.indices where interfaces[index].uses.value?.isEmpty ?? false {
      interfaces[index].isUp = false
    }
  }
}

extension SimulatedHost {
  /// Restarts the host.
  public func reboot() throws(HostFailure) {
    try change { kernel throws(HostFailure) in kernel.reboot() }
    try save()
  }

  /// Starts a domain, as `virsh start` does.
  ///
  /// - Throws: the failure that libvirt would report. The host is then unchanged.
  public func start(_ domain: String) throws(HostFailure) {
    try change { kernel throws(HostFailure) in try kernel.start(domain) }
    try save()
  }

  /// Starts the domains that libvirt starts when it starts itself, in the order of their names. A domain that
  /// cannot start stays off.
  ///
  /// - Parameter hook: the hook of libvirt, which may refuse a domain.
  public func autostart(_ hook: (GuestState) -> Bool) {
    for guest in state.libvirt.value ?? [] where guest.isAutostarted && guest.live == nil && hook(guest) {
      do throws(HostFailure) { try start(guest.name) } catch {}
    }
  }
}
