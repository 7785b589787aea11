import Documents
import Files
import HostModel

/// An apply that is waiting for its confirmation (`--confirm-within`).
public struct PendingConfirmation: Sendable, Equatable {
  /// The number of the apply.
  public var apply: Int
  /// The time by which it must be confirmed, by the wall clock, in milliseconds since 1970.
  public var until: Int
  /// Whether that time has expired.
  public var isOver: Bool
  /// Whether the apply was interrupted, so that it waits for `pcipass recover` and not for `pcipass confirm`.
  public var isInterrupted: Bool
  /// The id of the process that rolls it back when the time expires; `nil` if there is none.
  public var watchdog: Int?
  /// Whether a signal has stopped that process, so that it cannot roll back.
  public var isWatchdogStopped: Bool
  /// The reason why it was not rolled back yet.
  public var reason: String?

  public init(
    apply: Int, until: Int, isOver: Bool, isInterrupted: Bool = false, watchdog: Int?,
    isWatchdogStopped: Bool = false,
    reason: String? = nil
  ) {
    self.apply = apply
    self.until = until
    self.isOver = isOver
    self.isInterrupted = isInterrupted
    self.watchdog = watchdog
    self.isWatchdogStopped = isWatchdogStopped
    self.reason = reason
  }

  /// Whether a running process rolls it back when the time expires.
  public var isGuarded: Bool { watchdog != nil && !isWatchdogStopped }

  public static let form = Form<PendingConfirmation>.record(
    "PendingConfirmation", "An apply that is waiting for its confirmation.",
    Field("apply", \.apply, .integer(1...Int.max), "The number of the apply."),
    Field(
      "until", { Timestamp(milliseconds: $0.until) }, .momentOrMilliseconds,
      "The time by which it must be confirmed."),
    Field("over", \.isOver, .boolean, "Whether that time is over."),
    Field(
      "interrupted", \.isInterrupted, .boolean, default: false,
      "Whether the apply was interrupted, so that it waits for recover and not for confirm."),
    Field(
      "watchdog", \.watchdog, optional: .integer(1...Int.max),
      "The process that rolls it back when the time is over, if there is one."),
    Field(
      "watchdogStopped", \.isWatchdogStopped, .boolean, default: false,
      "Whether a signal has stopped that process."),
    Field("reason", \.reason, optional: .freeText, "The reason why it was not rolled back yet."),
    make: { apply, until, isOver, isInterrupted, watchdog, isWatchdogStopped, reason in
      PendingConfirmation(
        apply: apply, until: until.milliseconds, isOver: isOver, isInterrupted: isInterrupted,
        watchdog: watchdog,
        isWatchdogStopped: isWatchdogStopped, reason: reason)
    })
}
