import Files
import Glibc
import Synchronization

/// Work on a thread of its own.
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

  /// Nil as long as the work goes on.
  public var value: Value? { result.value.withLock { $0 } }

  /// Waits until the work is done.
  public func finish() -> Value? {
    worker.finish()
    return value
  }
}

/// Whether the condition comes true, within a time that even a busy machine keeps.
public func eventually(_ condition: () -> Bool) -> Bool {
  let end = ContinuousClock.now + .seconds(60)
  while !condition() {
    guard .now < end else { return false }
    usleep(1000)
  }
  return true
}
