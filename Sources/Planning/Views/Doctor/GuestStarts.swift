import HostModel
import Manifests

/// Whether each guest that is off could start with the functions in its definition.
extension ExaminedHost {
  var guestStarts: [Check] {
    let guests = (state.libvirt.value ?? []).filter { $0.live == nil && $0.persistent?.isEmpty == false }
    let checks = guests.compactMap(start)
    guard checks.isEmpty, !guests.isEmpty else { return checks }
    return [
      .fine(.guestStart, "each guest that is shut off could start with its devices, as far as the host shows")
    ]
  }

  private func start(of guest: GuestState) -> Check? {
    let devices = guest.persistent ?? []
    var reasons: [String] = []
    for reason in devices.compactMap({ obstacle(to: $0, beside: devices) }) where !reasons.contains(reason) {
      reasons.append(reason)
    }
    guard !reasons.isEmpty else { return nil }
    return .found(
      .guestStart, "\(guest.name) would fail to start", details: reasons,
      help:
        "assign the whole IOMMU group to \(guest.name), or reserve the rest; or remove these devices: virsh edit \(guest.name)"
    )
  }

  /// Returns the reason why a guest cannot start with a device, or `nil` if it can.
  private func obstacle(to device: Hostdev, beside devices: [Hostdev]) -> String? {
    guard let function = host.functions[device.address] else { return "\(device.address) does not exist" }
    if !device.isManaged, !(function.driver.map(Drivers.isVFIO) ?? false) {
      return
        "\(device.address) is on \(function.driver ?? "no driver"), and libvirt does not bind it (managed='no')"
    }
    if device.isManaged, !Drivers.isPassthrough(function.driver), function.sriov?.count ?? 0 > 0 {
      return "\(device.address) has VFs, which the start would delete"
    }
    let taken = Set(devices.filter(\.isManaged).map(\.address))
    for member in [function] + host.siblings(of: function) {
      let holder = (host.holdings[member.address] ?? []).first { $0.part == .live }
      if let holder { return "\(member.address) is in the running guest \(holder.guest.name)" }
      if !taken.contains(member.address), !allowsUserDMA(member.driver) {
        return "\(member.address) in the same IOMMU group is on \(member.driver ?? "no driver")"
      }
    }
    guard device.device == .interface, let physical = host.physicalFunction(of: device.address) else {
      return nil
    }
    let isDown = host.functions[physical]?.interfaces.allSatisfy { $0.isUp == false } ?? true
    return isDown ? "the PF \(physical) of \(device.address) is down" : nil
  }
}
