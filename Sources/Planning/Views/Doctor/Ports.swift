import HostModel
import Manifests

/// Whether each running guest has a free port for another NIC.
extension ExaminedHost {
  var ports: [Check] {
    let checks = state.allGuests.compactMap(port)
    if let reason = state.libvirt.reason, state.allGuests.isEmpty {
      return [.unknown(.noFreePort, "which guests run", reason)]
    }
    return checks.isEmpty ? [.fine(.noFreePort, "no guest runs")] : checks
  }

  /// Returns `nil` for a guest that is off: libvirt adds the ports that are needed when it starts.
  private func port(_ manager: GuestManager, _ guest: GuestState) -> Check? {
    if let reason = guest.unavailable { return .unknown(.noFreePort, "what \(guest.name) has", reason) }
    guard guest.live != nil else { return nil }
    switch guest.freePorts {
    case nil:
      return .unknown(
        .noFreePort, "how many NICs \(guest.name) has room for", "its kind of machine does not tell")
    case 0?:
      return .found(
        .noFreePort, "\(guest.name) has no free port: no NIC can be plugged into it while it runs",
        help: manager.traits.portHelp)
    case let free?:
      return .fine(.noFreePort, "\(guest.name) has \(free) free port\(free == 1 ? "" : "s")")
    }
  }
}
