import Glibc

/// The first result of the work that is not nil. The work is called at once, and again after each
/// pause.
///
/// - Parameter time: the limit for repeating the work.
/// - Returns: nil if there was no result within that time.
public func repeated<Result>(
  for time: Duration, every pause: Duration = .milliseconds(20), _ work: () -> Result?
) -> Result? {
  let end = ContinuousClock.now + time
  while true {
    if let result = work() { return result }
    guard .now < end else { return nil }
    sleep(for: pause)
  }
}

/// Waits until the condition holds.
///
/// - Returns: false if the condition did not hold within the time.
@discardableResult
public func waitUntil(
  within time: Duration, every pause: Duration = .milliseconds(20), _ condition: () -> Bool
) -> Bool {
  repeated(for: time, every: pause) { condition() ? true : nil } ?? false
}

/// Blocks this thread for the duration, even if a signal interrupts the sleep.
public func sleep(for time: Duration) {
  let (seconds, attoseconds) = time.components
  var left = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
  while true {
    var rest = timespec()
    guard nanosleep(&left, &rest) != 0, errno == EINTR else { return }
    left = rest
  }
}
