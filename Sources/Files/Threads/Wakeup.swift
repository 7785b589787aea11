import Glibc
import SystemPackage

/// A signal that one thread raises and another waits for.
public final class Wakeup: Sendable {
  private let reading: FileDescriptor
  private let writing: FileDescriptor

  public init() throws(Errno) {
    (reading, writing) = try FileDescriptor.pipe(options: [.closeOnExec, .nonBlocking])
  }

  deinit {
    try? reading.close()
    try? writing.close()
  }

  public func raise() {
    // If the pipe is full, the signal is already raised.
    _ = try? writing.writeAll(CollectionOfOne(1))
  }

  /// Waits until the signal is raised, and resets it. Returns false if the time ends first.
  public func wait(until end: ContinuousClock.Instant) -> Bool {
    guard (try? isReady(reading.rawValue, for: POLLIN, until: end)) ?? false else { return false }
    withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { _ = try? reading.read(into: $0) }
    return true
  }
}
