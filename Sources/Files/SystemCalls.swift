import Glibc
import SystemPackage

/// The flags of open(2) for files and folders.
public enum OpenFlags {
  /// O_PATH, which Glibc declares for GNU sources only. Such a descriptor is cheaper, and is
  /// sufficient for openat(2).
  @inlinable
  static var path: CInt { 0o10000000 }

  @inlinable
  public static var folder: CInt { path | O_DIRECTORY | O_CLOEXEC }

  /// For a folder whose names are read, or that is flushed.
  @inlinable
  public static var listing: CInt { O_RDONLY | O_DIRECTORY | O_CLOEXEC }

  /// For a file that is read. A FIFO must not block the open, and a terminal must not become the
  /// controlling terminal.
  @inlinable
  public static var file: CInt { O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY }
}

/// Makes a system call, and repeats it as long as a signal interrupts it.
@inlinable @inline(__always) @discardableResult
public func retrying<Result: SignedInteger>(_ call: () -> Result) throws(Errno) -> Result {
  while true {
    let result = call()
    if result != -1 { return result }
    let code = errno
    if code != EINTR { throw Errno(rawValue: code) }
  }
}

/// Waits until a descriptor can be read from or written to (poll(2)).
///
/// - Parameters:
///   - events: POLLIN or POLLOUT.
///   - end: when to stop waiting; nil means no limit.
/// - Returns: true if the descriptor is ready or its other end is closed; false if the time is
///   over.
public func isReady(
  _ descriptor: CInt, for events: CInt, until end: ContinuousClock.Instant? = nil
) throws(Errno) -> Bool {
  var waiting = pollfd(fd: descriptor, events: Int16(events), revents: 0)
  return try retrying {
    guard let end else { return poll(&waiting, 1, -1) }
    let left = max(.zero, end - .now) / Duration.milliseconds(1)
    return poll(&waiting, 1, CInt(clamping: Int64(left.rounded(.up))))
  } > 0
}
