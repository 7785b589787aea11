/// A moment of one boot of a host, by which something must have happened.
public struct Deadline: Sendable, Hashable {
  public var moment: Moment
  /// /proc/sys/kernel/random/boot_id; nil where that was not known.
  public var boot: String?

  public init(_ moment: Moment, boot: String?) {
    self.moment = moment
    self.boot = boot
  }

  /// The milliseconds that are left; negative where it is over. A deadline of another boot is over.
  ///
  /// - Parameter boot: the present one.
  public func left(at now: Moment, boot: String?) -> Int {
    if isOfOtherBoot(than: boot) { return min(moment.at.milliseconds - now.at.milliseconds, -1) }
    guard let end = moment.uptime, let uptime = now.uptime else {
      return moment.at.milliseconds - now.at.milliseconds
    }
    return end - uptime
  }

  /// What the wall clock will show then, unless it is set meanwhile.
  public func timestamp(at now: Moment, boot: String?) -> Timestamp {
    if isOfOtherBoot(than: boot) { return moment.at }
    return Timestamp(milliseconds: now.at.milliseconds + left(at: now, boot: boot))
  }

  private func isOfOtherBoot(than boot: String?) -> Bool {
    if let own = self.boot, let boot { own != boot } else { false }
  }
}
