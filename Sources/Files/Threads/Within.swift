import SystemPackage

/// The result of the work, or nil where it has not ended in time: it then goes on, on a thread that is left behind, because
/// a call that waits for another process cannot be ended.
public func within<Result: Sendable>(_ time: Duration, _ work: @escaping @Sendable () -> Result) -> Result? {
  guard let ended = try? Wakeup() else { return work() }
  let slot = Slot<Result?>(nil)
  let worker = Worker {
    slot.value = work()
    ended.raise()
  }
  guard worker.isRunning else { return work() }
  worker.leave()
  guard ended.wait(until: .now + time) else { return nil }
  return slot.value
}
