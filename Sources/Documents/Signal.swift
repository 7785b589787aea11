import Glibc
import SystemPackage

/// Something that one thread waits for and another says.
public final class Signal: Sendable {
  private let reading: CInt
  private let writing: CInt

  public init() throws(Errno) {
    var ends: [CInt] = [-1, -1]
    guard pipe(&ends) == 0 else { throw Errno(rawValue: errno) }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    reading = ends[0]
    writing = ends[1]
  }

  deinit {
    close(reading)
    close(writing)
  }

  public func raise() {
    var byte: UInt8 = 1
    // A pipe that is full says it already.
    _ = write(writing, &byte, 1)
  }

  /// Whether it was said before that moment. What was said is forgotten then.
  public func wait(until end: ContinuousClock.Instant) -> Bool {
    while true {
      var waiting = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
      let left = max(.zero, end - .now) / Duration.milliseconds(1)
      let count = poll(&waiting, 1, CInt(clamping: Int64(left.rounded(.up))))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      var bytes = [UInt8](repeating: 0, count: 64)
      _ = read(reading, &bytes, bytes.count)
      return true
    }
  }
}
