import SystemPackage

/// The result of the work, or nil if the work has not ended within the time. The work then
/// continues in an abandoned thread, because a blocked call cannot be cancelled.
///
/// The work runs in the calling thread, without a deadline, if no thread can be started.
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
