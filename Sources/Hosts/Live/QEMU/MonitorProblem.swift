import Documents
import Glibc
import HostModel

extension QEMUMonitor {
  /// Why a QEMU that the user has named could not be read; nil where it was.
  ///
  /// - Parameter found: what was read of it.
  public func problem(_ found: GuestState?) -> Diagnostic? {
    if let found, found.unavailable == nil, found.run != .shutoff { return nil }
    do throws(QEMUFailure) { try MonitorOwners(of: self).check() } catch {
      guard case .untrusted(let reason, let help) = error else { return absence }
      return diagnostic(
        reason, help: "\(help); here: --qmp \(socket),user=NAME names whose process the QEMU is")
    }
    if let reason = found?.unavailable { return diagnostic(reason, help: nil) }
    return absence
  }

  /// The problem where no process listens, or none in this mount namespace.
  private var absence: Diagnostic {
    let isThere = access(socket, F_OK) == 0
    let listeners = SocketListeners.at(socket)
    if let other = listeners.first(where: { !$0.isInThisMountNamespace }) {
      return diagnostic(
        "\(isThere ? "no process listens at \(socket)" : "\(socket) is not there") in this mount namespace: process "
          + "\(other.process) (\(other.command)) listens at that path in another one, a container's for example",
        help:
          "put the socket into a folder that the container shares with the host, and give the path that it has here"
      )
    }
    if isThere {
      return diagnostic(
        "no process listens at \(socket): the file stays behind when a QEMU ends",
        help: "start the guest, or correct the path")
    }
    if let listener = listeners.first {
      return diagnostic(
        "\(socket) was removed, and process \(listener.process) (\(listener.command)) still listens there: no process can "
          + "connect to it", help: "start the guest again, or give another monitor of it")
    }
    return diagnostic(
      "there is no socket \(socket)",
      help: "start the guest with -qmp unix:\(socket),server=on,wait=off, or correct the path")
  }

  private func diagnostic(_ message: String, help: String?) -> Diagnostic {
    Diagnostic(code: "no-monitor", message, help: help)
  }
}
