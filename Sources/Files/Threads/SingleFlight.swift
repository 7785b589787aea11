import Synchronization

/// Shares one execution of the same work between threads that need its result at the same time: one
/// thread does the work, and the others wait for its result.
public final class SingleFlight<Result: Sendable>: Sendable {
  private typealias Flight = ConditionLock<Result?>
  private let current = Mutex<Flight?>(nil)

  public init() {}

  /// The result of this work, or of the execution that another thread has started and not finished.
  public func run(_ work: () -> Result) -> Result {
    let (flight, isOwn) = current.withLock { current in
      if let current { return (current, false) }
      let flight = Flight(nil)
      current = flight
      return (flight, true)
    }
    guard isOwn else { return flight.wait { $0 } }
    let result = work()
    current.withLock { $0 = nil }
    flight.withLock { $0 = result }
    return result
  }

  /// The number of threads that wait for the result.
  public var waiting: Int { current.withLock { $0 }?.waiting ?? 0 }
}
