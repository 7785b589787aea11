import HostModel

extension HostFailure {
  /// The failure if a guest has not answered an unplug request in time and still has the device.
  static func unplugUnanswered(_ hostdev: Hostdev, by guest: String) -> HostFailure {
    HostFailure(
      .unanswered, "\(guest) did not answer the hot-unplug of \(hostdev.address)",
      help:
        "the device is still in the guest, and its host driver is unchanged; the guest may still release it: "
        + "check the guest, then apply again")
  }

  /// The failure if a guest has refused to release a device.
  static func unplugRefused(_ hostdev: Hostdev, by guest: String) -> HostFailure {
    HostFailure(
      .refused, "\(guest) refuses the hot-unplug of \(hostdev.address)",
      help: "the device is still in the guest, and its host driver is unchanged; see the log of the guest")
  }
}
