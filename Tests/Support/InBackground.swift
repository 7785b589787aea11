import Files
import Glibc
import Synchronization

/// Work on a separate thread.
public final class InBackground<Value: Sendable> {
  private let result = Slot()
  private let worker: Worker

  private final class Slot: Sendable {
    let value = Mutex<Value?>(nil)
  }

  public init(_ work: @escaping @Sendable () -> Value) {
    worker = Worker { [result] in
      let value = work()
      result.value.withLock { $0 = value }
    }
  }

  /// The result; nil until the work is done.
  public var value: Value? { result.value.withLock { $0 } }

  /// Waits until the work is done.
  public func finish() -> Value? {
    worker.finish()
    return value
  }
}

/// Whether the condition becomes true within 60 s, which is long enough on a busy machine.
public func eventually(_ condition: () -> Bool) -> Bool {
  let end = ContinuousClock.now + .seconds(60)
  while !condition() {
    guard .now < end else { return false }
    usleep(1000)
  }
  return true
}
