import HostModel

extension HostFailure {
  /// A guest was asked to release a device, has not answered in time, and still has the device.
  static func unplugUnanswered(_ hostdev: Hostdev, by guest: String) -> HostFailure {
    HostFailure(
      .unanswered, "\(guest) was asked to let \(hostdev.address) go and has not answered",
      help: "the device is still in the guest, and its driver is left alone; the guest may still answer: "
        + "look at it, then apply again")
  }

  /// A guest has answered that it keeps a device.
  static func unplugRefused(_ hostdev: Hostdev, by guest: String) -> HostFailure {
    HostFailure(
      .refused, "\(guest) refuses to let \(hostdev.address) go",
      help: "the device is still in the guest, and its driver is left alone; the guest's own log may say why")
  }
}
