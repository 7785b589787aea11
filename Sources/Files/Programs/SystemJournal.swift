import Glibc
import SystemPackage

/// The journal of systemd, by its native protocol (https://systemd.io/JOURNAL_NATIVE_PROTOCOL/):
/// one datagram for each record. logger(1) would need a process and a file for each.
public enum SystemJournal {
  /// The socket of systemd-journald.
  public static let socket = "/run/systemd/journal/socket"

  /// Sends one record.
  ///
  /// - Parameters:
  ///   - fields: the names, of capital letters, digits and underscores, with their values.
  ///   - path: the socket.
  /// - Returns: false if systemd-journald does not run or does not accept the record.
  @discardableResult
  public static func send(_ fields: [(name: String, value: String)], to path: String = socket) -> Bool {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let room = MemoryLayout.size(ofValue: address.sun_path)
    guard path.utf8.count < room else { return false }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let descriptor = Glibc.socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    let file = OpenFile(adopting: descriptor)
    let record = encoded(fields)
    // The call does not block, because a full journal must not delay a run.
    let sent = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        record.withUnsafeBytes { bytes in
          sendto(
            file.descriptor, bytes.baseAddress, bytes.count, CInt(MSG_DONTWAIT) | CInt(MSG_NOSIGNAL),
            address, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
    }
    return sent == record.count
  }

  /// The bytes of a record. A value with several lines is preceded by its length.
  static func encoded(_ fields: [(name: String, value: String)]) -> [UInt8] {
    fields.reduce(into: []) { bytes, field in
      let value = Array(field.value.utf8)
      bytes += field.name.utf8
      if value.contains(UInt8(ascii: "\n")) {
        bytes.append(UInt8(ascii: "\n"))
        withUnsafeBytes(of: UInt64(value.count).littleEndian) { bytes += $0 }
      } else {
        bytes.append(UInt8(ascii: "="))
      }
      bytes += value
      bytes.append(UInt8(ascii: "\n"))
    }
  }
}
