import Documents
import Synchronization
import SystemPackage

/// What the work gives, or nil where it has not ended in time: it then goes on, on a thread that is left
/// behind, because nobody can end a call that waits for somebody else.
public func within<Result: Sendable>(_ time: Duration, _ work: @escaping @Sendable () -> Result) -> Result? {
  guard let ended = try? Signal() else { return work() }
  let slot = Slot<Result>()
  let worker = Worker {
    let result = work()
    slot.result.withLock { $0 = result }
    ended.raise()
  }
  guard worker.isRunning else { return work() }
  worker.leave()
  guard ended.wait(until: .now + time) else { return nil }
  return slot.result.withLock { $0 }
}

private final class Slot<Result: Sendable>: Sendable {
  let result = Mutex<Result?>(nil)
}
