import HostModel
import Manifests

/// Whether each running guest has a free port for another NIC.
extension ExaminedHost {
  var ports: [Check] {
    let checks = state.allGuests.compactMap(port)
    if let reason = state.libvirt.reason, state.allGuests.isEmpty {
      return [.unknown(.noFreePort, "which guests are running", reason)]
    }
    return checks.isEmpty ? [.fine(.noFreePort, "no guest is running")] : checks
  }

  /// Returns `nil` for a guest that is off: libvirt adds the ports that are needed when it starts.
  private func port(_ manager: GuestManager, _ guest: GuestState) -> Check? {
    if let reason = guest.unavailable {
      return .unknown(.noFreePort, "the device list of \(guest.name)", reason)
    }
    guard guest.live != nil else { return nil }
    switch guest.freePorts {
    case nil:
      return .unknown(
        .noFreePort, "how many NICs can be hot-plugged into \(guest.name)",
        "its machine type does not show it")
    case 0?:
      return .found(
        .noFreePort, "\(guest.name) has no free port: no NIC can be hot-plugged into it",
        help: manager.traits.portHelp)
    case let free?:
      return .fine(.noFreePort, "\(guest.name) has \(free) free port\(free == 1 ? "" : "s")")
    }
  }
}
