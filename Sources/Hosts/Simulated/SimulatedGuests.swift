import HostModel
import Manifests
import Planning

/// What libvirt and QEMU do with hostdevs, on a state. Texts and outcomes as measured with libvirt 11.3
/// and QEMU 10.0; see docs/host-behaviour.md.
extension SimulatedKernel {
  mutating func attach(_ hostdev: Hostdev, _ placement: Placement) throws(HostFailure) {
    var guest = try guest(placement.guest)
    guard var list = placement.part == .live ? guest.live : guest.persistent else {
      throw HostFailure(.refused, "Requested operation is not valid: domain is not running")
    }
    if let alias = hostdev.alias, list.contains(where: { $0.alias == alias }) {
      throw HostFailure(.refused, "XML error: non unique alias detected: \(alias)")
    }
    if list.contains(where: { $0.address == hostdev.address }) {
      throw HostFailure(.refused, "operation failed: device \(hostdev.address) is in the domain already")
    }
    if placement.part == .live { try open(hostdev, for: placement.guest) }
    list.append(hostdev)
    if placement.part == .live { guest.live = list } else { guest.persistent = list }
    try store(guest, placement.guest)
  }

  mutating func detach(_ hostdev: Hostdev, _ placement: Placement) throws(HostFailure) {
    var guest = try guest(placement.guest)
    guard var list = placement.part == .live ? guest.live : guest.persistent else {
      throw HostFailure(.refused, "Requested operation is not valid: domain is not running")
    }
    guard let index = list.firstIndex(where: { $0.address == hostdev.address && $0.alias == hostdev.alias })
    else {
      throw HostFailure(.refused, "device not found: no host device \(hostdev.address) in \(guest.name)")
    }
    if placement.part == .live {
      guard state.simulation?.unplug[guest.name] != .never, guest.run != .paused else {
        throw HostFailure(
          .unverified, "\(guest.name) was asked to let \(hostdev.address) go and has not answered",
          help: "the device is still in the guest; its driver is left alone")
      }
    }
    list.remove(at: index)
    if placement.part == .live { guest.live = list } else { guest.persistent = list }
    try store(guest, placement.guest)
    if placement.part == .live { close(hostdev) }
  }

  /// libvirt binds a managed device itself and remembers from where; QEMU opens its group.
  private mutating func open(_ hostdev: Hostdev, for manager: GuestManager) throws(HostFailure) {
    let number = try index(of: hostdev.address)
    if let owner = state.allGuests.first(where: {
      $0.state.live?.contains { $0.address == hostdev.address } ?? false
    }) {
      throw HostFailure(
        .refused,
        "Requested operation is not valid: PCI device \(hostdev.address) is in use by driver QEMU, domain \(owner.state.name)"
      )
    }
    if state.functions[number].driver != "vfio-pci" {
      guard hostdev.isManaged, case .libvirt = manager else {
        throw HostFailure(
          .refused,
          "Requested operation is not valid: Unmanaged PCI device \(hostdev.address) must be manually detached from the host"
        )
      }
      try takeForLibvirt(hostdev.address, from: state.functions[number].driver)
    }
    let function = state.functions[number]
    let staying = state.functions.first { other in
      other.address != function.address && other.iommuGroup == function.iommuGroup
        && other.driver.map { !Drivers.isPassthrough($0) && $0 != "pcieport" } ?? false
    }
    if staying != nil {
      throw HostFailure(
        .refused,
        "internal error: unable to execute QEMU command 'device_add': vfio \(hostdev.address): group "
          + "\(function.iommuGroup ?? 0) is not viable")
    }
    let group = group(of: hostdev.address)
    let isItsOwn = isOpen(group) { $0 == manager }
    if !isItsOwn, let holder = group.compactMap({ state.functions[$0].holders.value?.first }).first {
      throw HostFailure(
        .refused,
        "internal error: unable to execute QEMU command 'device_add': vfio \(hostdev.address): Could not open "
          + "'/dev/vfio/\(function.iommuGroup ?? 0)': Device or resource busy",
        help: "process \(holder.process) (\(holder.command)) has it open")
    }
    // Whoever has one function of a group has the group, and is seen with each of its functions.
    let holder = Holder(process: Self.process(of: manager), command: "qemu-system-x86")
    for number in group where HolderReader.couldBeHeld(state.functions[number]) {
      state.functions[number].holders = .known([holder])
    }
  }

  /// Where the functions are that share the function's group, itself among them.
  private func group(of address: PCIAddress) -> [Int] {
    guard let function = state[address] else { return [] }
    return state.functions.indices.filter { index in
      state.functions[index].address == address
        || function.iommuGroup != nil && state.functions[index].iommuGroup == function.iommuGroup
    }
  }

  /// Whether such a guest has one of these functions now.
  private func isOpen(_ group: [Int], by isMeant: (GuestManager) -> Bool = { _ in true }) -> Bool {
    let addresses = Set(group.map { state.functions[$0].address })
    return state.allGuests.contains { guest in
      isMeant(guest.manager) && guest.state.live?.contains { addresses.contains($0.address) } ?? false
    }
  }

  private mutating func takeForLibvirt(_ address: PCIAddress, from driver: String?) throws(HostFailure) {
    try load("vfio-pci")
    try rebind(address, to: "vfio-pci")
    guard let driver else { return }
    var simulation = state.simulation ?? Simulation()
    simulation.managedFrom["\(address)"] = driver
    state.simulation = simulation
  }

  /// The group closes with its last function, and libvirt puts a managed device back where it found it.
  private mutating func close(_ hostdev: Hostdev) {
    let group = group(of: hostdev.address)
    if !isOpen(group) { for number in group { state.functions[number].holders = .known([]) } }
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

  /// Any number will do, as long as a guest keeps its own.
  private static func process(of manager: GuestManager) -> Int {
    manager.name.utf8.reduce(4000) { ($0 &* 31 &+ Int($1)) % 30_000 } + 1000
  }

  private func guest(_ manager: GuestManager) throws(HostFailure) -> GuestState {
    switch state.guests(of: manager) {
    case .unavailable(let reason): throw HostFailure(.unreadable, reason)
    case .known(let guests):
      guard let guest = guests.first(where: { $0.name == manager.name }) else {
        throw HostFailure(.refused, "Domain not found: no domain with matching name '\(manager.name)'")
      }
      return guest
    }
  }

  private mutating func store(_ guest: GuestState, _ manager: GuestManager) throws(HostFailure) {
    func replaced(_ list: Observed<[GuestState]>) -> Observed<[GuestState]> {
      .known((list.value ?? []).map { $0.name == guest.name ? guest : $0 })
    }
    switch manager {
    case .libvirt: state.libvirt = replaced(state.libvirt)
    case .qemu: state.qemu = replaced(state.qemu)
    }
  }
}
