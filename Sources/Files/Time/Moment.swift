import Glibc

/// A moment on a host. The wall clock is for display, and can be set at any time. The time since
/// the boot continues during suspend and cannot be set (clock_gettime(2), CLOCK_BOOTTIME).
public struct Moment: Sendable, Hashable {
  public var at: Timestamp
  /// Milliseconds since the boot; nil in journals of versions that did not record it.
  public var uptime: Int?

  public init(at: Timestamp, uptime: Int?) {
    self.at = at
    self.uptime = uptime
  }

  public static var now: Moment {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return Moment(at: .now, uptime: Int(time.tv_sec) * 1000 + Int(time.tv_nsec) / 1_000_000)
  }

  /// The time since an earlier moment of the same boot; zero if the other moment is later.
  public func since(_ other: Moment) -> Duration {
    let milliseconds =
      if let uptime, let before = other.uptime { uptime - before } else {
        at.milliseconds - other.at.milliseconds
      }
    return .milliseconds(max(0, milliseconds))
  }

  public func adding(seconds: Int) -> Moment {
    Moment(at: at.adding(seconds: seconds), uptime: uptime.map { $0 + seconds * 1000 })
  }
}
