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
      "state", earlier: "over", \.isOver, stateForm,
      "waiting, or overdue where the time has expired and the apply is not rolled back yet."),
    Field(
      "until", { Timestamp(milliseconds: $0.until) }, .momentOrMilliseconds,
      "The time by which it must be confirmed."),
    Field(
      "interrupted", \.isInterrupted, .boolean, default: false,
      "Whether the apply was interrupted, so that it waits for recover and not for confirm."),
    Field(
      "watched", { .some(.some($0.isGuarded)) }, optional: Form<Bool>.boolean.derived,
      "Whether a process rolls it back when the time expires."),
    Field(
      "watchdog", \.watchdog, optional: .integer(1...Int.max),
      "The process that rolls it back when the time expires, if there is one."),
    Field(
      "watchdogStopped", \.isWatchdogStopped, .boolean, default: false,
      "Whether a signal has stopped that process."),
    Field("reason", \.reason, optional: .freeText, "The reason why it was not rolled back yet."),
    make: { apply, isOver, until, isInterrupted, _, watchdog, isWatchdogStopped, reason in
      PendingConfirmation(
        apply: apply, until: until.milliseconds, isOver: isOver, isInterrupted: isInterrupted,
        watchdog: watchdog,
        isWatchdogStopped: isWatchdogStopped, reason: reason)
    })

  /// Whether the time is over, as the keyword that a run has in the same place. Earlier versions wrote a boolean.
  private static let stateForm: Form<Bool> = {
    let word = Form<State>.choice("a state of a pending confirmation")
    return Form(
      schema: Schema([JSON.Member("anyOf", .array([word.schema.json, Form<Bool>.boolean.schema.json]))]),
      decode: { node, decoding in
        if case .scalar(let scalar) = node.content, scalar.kind == .boolean {
          return Form<Bool>.boolean.decode(node, &decoding)
        }
        return word.decode(node, &decoding).map { $0 == .overdue }
      },
      encode: { word.encode($0 ? .overdue : .waiting) })
  }()

  private enum State: String, CaseIterable { case waiting, overdue }
}
