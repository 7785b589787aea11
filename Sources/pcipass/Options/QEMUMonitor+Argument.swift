import ArgumentParser
import Documents
import Hosts
import Manifests

extension QEMUMonitor {
  /// `SOCKET` or `SOCKET,user=NAME`.
  static func parse(_ text: String) throws -> QEMUMonitor {
    let parts = text.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    var user: String?
    if parts.count == 2 {
      guard parts[1].hasPrefix("user="), isUserName(String(parts[1].dropFirst(5))) else {
        throw ValidationError("'\(printable(parts[1]))' is not user=NAME")
      }
      user = String(parts[1].dropFirst(5))
    }
    guard isSocketPath(parts[0]) else {
      throw ValidationError(
        "'\(printable(parts[0]))' is not an absolute socket path of at most 107 characters")
    }
    return QEMUMonitor(socket: parts[0], user: user)
  }
}
