/// Tells what time it is: the system's clocks, or those of a test.
public struct HostClock: Sendable {
  public let now: @Sendable () -> Moment

  public init(now: @escaping @Sendable () -> Moment) { self.now = now }

  public static let system = HostClock { .now }
}
