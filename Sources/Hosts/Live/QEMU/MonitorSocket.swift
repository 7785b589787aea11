import Glibc
import SystemPackage

/// A connection to a monitor. It never waits longer than told.
struct MonitorSocket: ~Copyable {
  /// Who listens there.
  let process: pid_t
  private let file: OpenFile

  /// - Throws: `.notRunning` where nobody listens.
  init(to monitor: QEMUMonitor, until end: ContinuousClock.Instant) throws(QEMUFailure) {
    let start = ContinuousClock.now
    let owners = try MonitorOwners(of: monitor)
    try owners.check()
    var address = try Self.address(of: monitor.socket)
    let file = OpenFile(adopting: try Self.open())
    while let error = Self.connect(file.descriptor, &address) {
      switch error {
      case .interrupted: continue
      // Others wait already for who is connected now to leave.
      case .resourceTemporarilyUnavailable:
        guard .now < end else { throw .noGreeting(after: end - start) }
        usleep(50_000)
      // Its file stays where a QEMU was killed.
      case .noSuchFileOrDirectory, .connectionRefused: throw .notRunning
      default:
        throw .notAllowed(monitor.socket, error)
          ?? .untrusted(
            "\(monitor.socket): \(error.description)", help: "spec.qemu.qmp must name a socket of -qmp")
      }
    }
    let (process, user) = try Self.peer(file.descriptor)
    try owners.check(peer: user, process: process)
    self.process = process
    self.file = file
  }

  /// What has come, or nil where nothing came in time.
  borrowing func receive(until end: ContinuousClock.Instant) throws(QEMUFailure) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: 64 << 10)
    while isReady(POLLIN, until: end) {
      let count = recv(file.descriptor, &bytes, bytes.count, 0)
      if count > 0 { return Array(bytes[..<count]) }
      guard count < 0, isForLater(errno) else { throw .lost }
    }
    return nil
  }

  /// False where it does not take all in time.
  borrowing func send(_ bytes: [UInt8], until end: ContinuousClock.Instant) throws(QEMUFailure) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      guard isReady(POLLOUT, until: end) else { return false }
      let count = rest.withUnsafeBytes {
        Glibc.send(file.descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
      }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if !isForLater(errno) {
        throw .lost
      }
    }
    return true
  }

  private borrowing func isReady(_ what: CInt, until end: ContinuousClock.Instant) -> Bool {
    while true {
      var waiting = pollfd(fd: file.descriptor, events: Int16(what), revents: 0)
      let left = max(.zero, end - .now) / Duration.milliseconds(1)
      let count = poll(&waiting, 1, CInt(clamping: Int64(left.rounded(.up))))
      if count < 0, errno == EINTR { continue }
      return count > 0
    }
  }

  private borrowing func isForLater(_ error: CInt) -> Bool { error == EAGAIN || error == EINTR }

  private static func address(of path: String) throws(QEMUFailure) -> sockaddr_un {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let isWhole = withUnsafeMutableBytes(of: &address.sun_path) { place in
      // One byte stays 0, as the end.
      guard path.utf8.count < place.count, !path.utf8.contains(0) else { return false }
      place.copyBytes(from: path.utf8)
      return true
    }
    guard isWhole else {
      throw .untrusted(
        "\(path) is longer than a socket's path may be", help: "have the monitor in another folder")
    }
    return address
  }

  private static func open() throws(QEMUFailure) -> CInt {
    let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
    let descriptor = socket(AF_UNIX, CInt(kind), 0)
    guard descriptor >= 0 else {
      throw .untrusted("no socket: \(Errno(rawValue: errno).description)", help: "end other programs")
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
        "nothing tells who has the monitor: \(Errno(rawValue: errno).description)",
        help: "run pcipass as root")
    }
    return (pid_t(bitPattern: numbers[0]), numbers[1])
  }
}
