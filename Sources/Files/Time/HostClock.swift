/// The source of the time: the clocks of the system, or those of a test.
public struct HostClock: Sendable {
  public let now: @Sendable () -> Moment

  public init(now: @escaping @Sendable () -> Moment) { self.now = now }

  public static let system = HostClock { .now }
}
