import HostModel
import Manifests
import Planning

/// A simulated QEMU without libvirt. Messages are as measured with QEMU 10.0; see
/// docs/host-behaviour.md.
struct SimulatedQEMU: GuestBackend {
  let step: SimulatedStep

  func guests() -> Observed<[GuestState]> { step.state.qemu }

  func guests(after changed: Set<String>, since before: [GuestState]) -> Observed<[GuestState]> { guests() }

  func guest(_ name: String) throws(HostFailure) -> GuestState? {
    try step.look { kernel throws(HostFailure) in try kernel.guest(.qemu(socket: name)) }
  }

  /// Adds the device to the running guest and ignores the part of the placement, because a QEMU
  /// without libvirt has no definition.
  func attach(_ hostdev: Hostdev, _ placement: Placement) throws(HostFailure) {
    try step.write { kernel throws(HostFailure) in try kernel.plug(hostdev, into: placement.guest) }
  }

  func detach(_ hostdev: Hostdev, _ placement: Placement) throws(HostFailure) {
    try step.write { kernel throws(HostFailure) in try kernel.unplug(hostdev, from: placement.guest) }
  }

  func definition(
    of hostdev: Hostdev, _ placement: Placement, as device: Hostdev.ElementKind
  ) throws(HostFailure) -> DefinedDevice {
    throw .notDefined(hostdev.address, in: placement.guest.name)
  }

  func edit(_ edit: EditDevice) throws(HostFailure) {
    throw .notDefined(edit.to.address, in: edit.placement.guest.name)
  }

  func isBusy(with name: String) -> Bool { false }
}

extension SimulatedKernel {
  /// Simulates `device_add`.
  fileprivate mutating func plug(_ hostdev: Hostdev, into manager: GuestManager) throws(HostFailure) {
    var guest = try running(manager)
    var list = guest.live ?? []
    let model = hostdev.driver ?? "vfio-pci"
    guard guest.models.isEmpty || guest.models.contains(model) else {
      throw Self.refused("'\(model)' is not a valid device model name")
    }
    if let bus = hostdev.bus, guest.buses.first(where: { $0.name == bus })?.free ?? 0 == 0 {
      throw Self.refused(
        guest.buses.contains { $0.name == bus }
          ? "PCI: slot 0 function 0 already occupied by \(model), new func \(model) cannot be exposed to guest."
          : "Bus '\(bus)' not found")
    }
    if let alias = hostdev.alias, list.contains(where: { $0.alias == alias }) {
      throw Self.refused("Duplicate device ID '\(alias)'")
    }
    if list.contains(where: { $0.address == hostdev.address }) {
      throw Self.refused("vfio \(hostdev.address): device is already attached")
    }
    let function = state.functions[try index(of: hostdev.address)]
    let isOpen = model == GuestState.legacyModel ? { $0 == Drivers.stub } : Drivers.isVFIO
    guard function.driver.map(isOpen) ?? false else {
      throw Self.refused(
        "vfio \(hostdev.address): Could not open '/dev/vfio/\(function.iommuGroup ?? 0)': "
          + "No such file or directory")
    }
    if model != GuestState.legacyModel, let problem = openGroup(of: hostdev.address, for: manager) {
      throw Self.refused(problem)
    }
    list.append(hostdev)
    guest.live = list
    guest.freePorts = guest.freePorts.map { max($0 - 1, 0) }
    if let bus = hostdev.bus { guest.changeFree(on: bus, by: -1) }
    store(guest, .qemu)
  }

  /// Simulates `device_del`.
  fileprivate mutating func unplug(_ hostdev: Hostdev, from manager: GuestManager) throws(HostFailure) {
    let guest = try running(manager)
    let list = guest.live ?? []
    let index = try index(of: hostdev, in: list, of: manager.name)
    try requestUnplug(of: hostdev, from: guest, called: "\(manager)")
    try remove(at: index, of: manager, .live)
    // QEMU unplugs the whole slot.
    for neighbour in list[index].neighbours(in: list) {
      let now = try running(manager)
      if let index = now.live?.firstIndex(of: neighbour) { try remove(at: index, of: manager, .live) }
    }
  }

  private func running(_ manager: GuestManager) throws(HostFailure) -> GuestState {
    guard let guest = try guest(manager) else {
      throw HostFailure(.unreadable, "\(manager) is not recorded in the snapshot")
    }
    guard guest.live != nil else { throw HostFailure(.refused, "\(manager) is not running") }
    return guest
  }

  private static func refused(_ message: String) -> HostFailure { HostFailure(QMPError(.generic, message)) }
}

extension GuestState {
  /// Changes the number of devices that a bus still accepts.
  mutating func changeFree(on name: String, by change: Int) {
    guard let index = buses.firstIndex(where: { $0.name == name }) else { return }
    buses[index].free = max(buses[index].free + change, 0)
  }
}
