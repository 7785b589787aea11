import HostModel
import Manifests
import Planning

/// What a QEMU without libvirt does with a `device_add`, on a state. Texts as measured with QEMU 10.0; see
/// docs/host-behaviour.md.
extension SimulatedKernel {
  mutating func plug(
    _ hostdev: Hostdev, into guest: GuestState, _ placement: Placement
  ) throws(HostFailure) {
    var guest = guest
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
    let isOpen = model == GuestState.oldModel ? { $0 == Drivers.stub } : Drivers.opensVFIO
    guard function.driver.map(isOpen) ?? false else {
      throw Self.refused(
        "vfio \(hostdev.address): Could not open '/dev/vfio/\(function.iommuGroup ?? 0)': "
          + "No such file or directory")
    }
    if model != GuestState.oldModel, let problem = openGroup(of: hostdev.address, for: placement.guest) {
      throw Self.refused(problem)
    }
    list.append(hostdev)
    guest.live = list
    guest.freePorts = guest.freePorts.map { max($0 - 1, 0) }
    if let bus = hostdev.bus { guest.changeFree(on: bus, by: -1) }
    try store(guest, placement.guest)
  }

  private static func refused(_ message: String) -> HostFailure { HostFailure(QMPError(.generic, message)) }
}

extension GuestState {
  mutating func changeFree(on name: String, by change: Int) {
    guard let index = buses.firstIndex(where: { $0.name == name }) else { return }
    buses[index].free = max(buses[index].free + change, 0)
  }
}
