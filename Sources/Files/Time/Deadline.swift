/// A time limit within one boot of a host.
public struct Deadline: Sendable, Hashable {
  public var moment: Moment
  /// /proc/sys/kernel/random/boot_id; nil where it was unknown.
  public var boot: String?

  public init(_ moment: Moment, boot: String?) {
    self.moment = moment
    self.boot = boot
  }

  /// The remaining milliseconds; negative after the deadline. A deadline of another boot has always
  /// passed.
  ///
  /// - Parameter boot: the current boot id.
  public func left(at now: Moment, boot: String?) -> Int {
    if isOfOtherBoot(than: boot) { return min(moment.at.milliseconds - now.at.milliseconds, -1) }
    guard let end = moment.uptime, let uptime = now.uptime else {
      return moment.at.milliseconds - now.at.milliseconds
    }
    return end - uptime
  }

  /// The wall clock time of the deadline, unless the clock is set before.
  public func timestamp(at now: Moment, boot: String?) -> Timestamp {
    if isOfOtherBoot(than: boot) { return moment.at }
    return Timestamp(milliseconds: now.at.milliseconds + left(at: now, boot: boot))
  }

  private func isOfOtherBoot(than boot: String?) -> Bool {
    if let own = self.boot, let boot { own != boot } else { false }
  }
}
