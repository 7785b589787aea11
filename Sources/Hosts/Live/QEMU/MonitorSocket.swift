import Files
import Glibc
import SystemPackage

/// A connection to a monitor. Each wait has a deadline.
struct MonitorSocket: ~Copyable {
  /// The id of the process that listens at the socket.
  let process: pid_t
  private let file: OpenFile

  /// Checks the owner of the monitor and connects.
  ///
  /// - Throws: `.notRunning` if no process listens; `.untrusted` if another user owns the monitor;
  ///   `.noGreeting` if other clients still wait for the monitor at `end`.
  init(to monitor: QEMUMonitor, until end: ContinuousClock.Instant) throws(QEMUFailure) {
    let start = ContinuousClock.now
    let owners = try MonitorOwners(of: monitor)
    try owners.check()
    var address = try Self.address(of: monitor.socket)
    let file = OpenFile(adopting: try Self.open())
    while let error = Self.connect(file.descriptor, &address) {
      switch error {
      case .interrupted: continue
      // The queue of the socket is full of clients that wait until the current one disconnects.
      case .resourceTemporarilyUnavailable:
        guard .now < end else { throw .noGreeting(after: end - start) }
        usleep(50_000)
      // The file remains after a QEMU was killed.
      case .noSuchFileOrDirectory, .connectionRefused: throw .notRunning
      default:
        throw .notAllowed(monitor.socket, error)
          ?? .untrusted(
            "\(monitor.socket): \(error.description)", help: "spec.qemu.qmp must be the path of a -qmp socket"
          )
      }
    }
    let (process, user) = try Self.peer(file.descriptor)
    try owners.check(peer: user, process: process)
    self.process = process
    self.file = file
  }

  /// The bytes that have arrived; nil if none have arrived at `end`.
  ///
  /// - Throws: `.lost` if the connection is closed.
  borrowing func receive(until end: ContinuousClock.Instant) throws(QEMUFailure) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: 64 << 10)
    while isReady(for: POLLIN, until: end) {
      let count = recv(file.descriptor, &bytes, bytes.count, 0)
      if count > 0 { return Array(bytes[..<count]) }
      guard count < 0, isTemporary(errno) else { throw .lost }
    }
    return nil
  }

  /// Sends all bytes.
  ///
  /// - Returns: false if the monitor has not accepted all of them at `end`.
  /// - Throws: `.lost` if the connection is closed.
  borrowing func send(_ bytes: [UInt8], until end: ContinuousClock.Instant) throws(QEMUFailure) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      guard isReady(for: POLLOUT, until: end) else { return false }
      let count = rest.withUnsafeBytes {
        Glibc.send(file.descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
      }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if !isTemporary(errno) {
        throw .lost
      }
    }
    return true
  }

  private borrowing func isReady(for events: CInt, until end: ContinuousClock.Instant) -> Bool {
    (try? Files.isReady(file.descriptor, for: events, until: end)) ?? false
  }

  private borrowing func isTemporary(_ error: CInt) -> Bool { error == EAGAIN || error == EINTR }

  private static func address(of path: String) throws(QEMUFailure) -> sockaddr_un {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let isWhole = withUnsafeMutableBytes(of: &address.sun_path) { place in
      // The last byte stays 0 and terminates the path.
      guard path.utf8.count < place.count, !path.utf8.contains(0) else { return false }
      place.copyBytes(from: path.utf8)
      return true
    }
    guard isWhole else {
      throw .untrusted(
        "\(path) is too long for the path of a socket",
        help: "put the monitor into a folder with a shorter path")
    }
    return address
  }

  private static func open() throws(QEMUFailure) -> CInt {
    let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
    let descriptor = socket(AF_UNIX, CInt(kind), 0)
    guard descriptor >= 0 else {
      throw .untrusted(
        "cannot create a socket: \(Errno(rawValue: errno).description)", help: "stop other programs")
    }
    return descriptor
  }

  private static func connect(_ descriptor: CInt, _ address: inout sockaddr_un) -> Errno? {
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    return result == 0 ? nil : Errno(rawValue: errno)
  }

  private static func peer(_ descriptor: CInt) throws(QEMUFailure) -> (process: pid_t, user: uid_t) {
    // `struct ucred`, which Glibc declares for GNU sources only: process, user, group.
    var numbers: [UInt32] = [0, 0, 0]
    var size = socklen_t(MemoryLayout<UInt32>.size * numbers.count)
    guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &numbers, &size) == 0 else {
      throw .untrusted(
        "the owner of the monitor is unknown: \(Errno(rawValue: errno).description)",
        help: "run pcipass as root")
    }
    return (pid_t(bitPattern: numbers[0]), numbers[1])
  }
}
