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
    // A pipe that is full says it already.
    _ = try? writing.writeAll(CollectionOfOne(1))
  }

  /// Whether it was raised before that moment. It has to be raised again for the next wait.
  public func wait(until end: ContinuousClock.Instant) -> Bool {
    guard (try? isReady(reading.rawValue, for: POLLIN, until: end)) ?? false else { return false }
    withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { _ = try? reading.read(into: $0) }
    return true
  }
}
