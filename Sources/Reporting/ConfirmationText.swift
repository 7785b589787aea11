import Documents
import Execution
import Files
import Planning

/// The messages about an apply that waits for confirmation.
public enum ConfirmationText {
  /// The state of the apply and its watchdog, with the commands that end the waiting.
  public static func diagnostic(
    _ pending: PendingConfirmation, _ severity: Diagnostic.Severity
  ) -> Diagnostic {
    let name = "apply \(pending.apply)"
    let until = Timestamp(milliseconds: pending.until)
    var answers =
      pending.isInterrupted
      ? "pcipass recover undoes it now; --forward goes on with it, --leave keeps what is there"
      : "pcipass confirm \(pending.apply) keeps it; pcipass rollback \(pending.apply) undoes it now"
    if let process = pending.watchdog, pending.isWatchdogStopped {
      answers += "; kill -CONT \(process) lets its watchdog go on"
    }
    let state =
      pending.isOver
      ? "was not confirmed by \(until)"
      : pending.isInterrupted ? "is not complete" : "is waiting for confirmation until \(until)"
    let link = pending.isGuarded ? "; " : ", and "
    let reason = pending.reason.map { "; not rolled back yet: \($0)" } ?? ""
    return Diagnostic(
      severity, code: "unconfirmed", "\(name) \(state)\(link)\(watchdog(of: pending))\(reason)", help: answers
    )
  }

  /// What happens without a further command.
  private static func watchdog(of pending: PendingConfirmation) -> String {
    let notByItself = "it is not rolled back by itself"
    guard let process = pending.watchdog else { return "no process watches it: \(notByItself)" }
    if pending.isWatchdogStopped { return "its watchdog, process \(process), is stopped: \(notByItself)" }
    if pending.isOver { return "process \(process) rolls it back" }
    let time = pending.isInterrupted ? "at \(Timestamp(milliseconds: pending.until))" : "then"
    return "process \(process) rolls it back \(time)"
  }

  /// The last line of an apply with `--confirm-within`.
  ///
  /// - Parameter time: the time until the rollback, as it was typed.
  public static func next(_ journal: Journal, within time: String) -> String {
    "\(journal.name) rolls back automatically in \(time) unless confirmed: pcipass confirm \(journal.id)\n"
  }
}
