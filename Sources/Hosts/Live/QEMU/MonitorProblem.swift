import Documents
import Glibc
import HostModel

extension QEMUMonitor {
  /// The reason why a QEMU that the user has named could not be read; nil if it was read.
  ///
  /// - Parameter found: the state that was read.
  public func problem(_ found: GuestState?) -> Diagnostic? {
    if let found, found.unavailable == nil, found.run != .shutoff { return nil }
    do throws(QEMUFailure) { try MonitorOwners(of: self).check() } catch {
      guard case .untrusted(let reason, let help) = error else { return absence }
      return diagnostic(
        reason, help: "\(help); on the command line: --qmp \(socket),user=NAME")
    }
    if let reason = found?.unavailable { return diagnostic(reason, help: nil) }
    return absence
  }

  /// The problem if no process listens at the socket in this mount namespace.
  private var absence: Diagnostic {
    let isThere = access(socket, F_OK) == 0
    let listeners = SocketListeners.at(socket)
    if let other = listeners.first(where: { !$0.isInThisMountNamespace }) {
      return diagnostic(
        "\(isThere ? "no process listens at \(socket)" : "\(socket) does not exist") in this mount namespace; process "
          + "\(other.process) (\(other.command)) listens at that path in another one, for example that of a container",
        help:
          "put the socket into a folder that the container shares with the host, and give its path on the host"
      )
    }
    if isThere {
      return diagnostic(
        "no process listens at \(socket); the file remains after a QEMU exits",
        help: "start the guest, or correct the path")
    }
    if let listener = listeners.first {
      return diagnostic(
        "\(socket) was removed while process \(listener.process) (\(listener.command)) listens there: no process can "
          + "connect to it", help: "restart the guest, or give the path of another monitor")
    }
    return diagnostic(
      "there is no socket \(socket)",
      help: "start the guest with -qmp unix:\(socket),server=on,wait=off, or correct the path")
  }

  private func diagnostic(_ message: String, help: String?) -> Diagnostic {
    Diagnostic(code: "no-monitor", message, help: help)
  }
}
