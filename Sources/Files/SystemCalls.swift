import Glibc
import SystemPackage

/// How files and folders are opened.
public enum OpenFlags {
  /// O_PATH, which Glibc declares for GNU sources only. Other files can be reached from such a descriptor, and it is cheaper.
  @inlinable
  static var path: CInt { 0o10000000 }

  @inlinable
  public static var folder: CInt { path | O_DIRECTORY | O_CLOEXEC }

  /// A folder whose names are read, or that is flushed.
  @inlinable
  public static var listing: CInt { O_RDONLY | O_DIRECTORY | O_CLOEXEC }

  /// A FIFO in the place of a file must not block the reader, nor may a terminal become its controlling one.
  @inlinable
  public static var file: CInt { O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY }
}

/// One system call, made again where a signal interrupted it.
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
///   - end: the latest end; nil means no limit.
/// - Returns: whether it can, or its other end is closed; false where the time is over.
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
