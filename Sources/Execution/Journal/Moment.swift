import Glibc

/// A moment on a host. The wall clock is for people, and is set at any time; the time since the boot counts on in sleep, and
/// nothing sets it (clock_gettime(2), CLOCK_BOOTTIME).
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

  /// How long ago that was, in the same boot.
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

/// Tells what time it is: the system's clocks, or those of a test.
public struct Clock: Sendable {
  public let now: @Sendable () -> Moment

  public init(now: @escaping @Sendable () -> Moment) { self.now = now }

  public static let system = Clock { .now }
}

/// A moment of one boot of a host, by which something is to have happened.
public struct Deadline: Sendable, Hashable {
  public var moment: Moment
  /// /proc/sys/kernel/random/boot_id; nil where that was not known.
  public var boot: String?

  public init(_ moment: Moment, boot: String?) {
    self.moment = moment
    self.boot = boot
  }

  /// How long it still is, in milliseconds; negative where it is over. A deadline of another boot is over.
  ///
  /// - Parameter boot: that of now.
  public func left(at now: Moment, boot: String?) -> Int {
    if isOfOtherBoot(than: boot) { return min(moment.at.milliseconds - now.at.milliseconds, -1) }
    guard let end = moment.uptime, let uptime = now.uptime else {
      return moment.at.milliseconds - now.at.milliseconds
    }
    return end - uptime
  }

  /// What the wall clock shows then, unless it is set meanwhile.
  public func timestamp(at now: Moment, boot: String?) -> Timestamp {
    if isOfOtherBoot(than: boot) { return moment.at }
    return Timestamp(milliseconds: now.at.milliseconds + left(at: now, boot: boot))
  }

  private func isOfOtherBoot(than boot: String?) -> Bool {
    if let own = self.boot, let boot { own != boot } else { false }
  }
}
