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
      ? "undo it now: pcipass recover; or complete it: pcipass recover --forward; or keep the host as it is: "
        + "pcipass recover --leave"
      : "keep it: pcipass confirm \(pending.apply); or undo it now: pcipass rollback \(pending.apply)"
    if let process = pending.watchdog, pending.isWatchdogStopped {
      answers += "; or continue its watchdog: kill -CONT \(process)"
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
    let notByItself = "it does not roll back automatically"
    guard let process = pending.watchdog else { return "no watchdog runs: \(notByItself)" }
    if pending.isWatchdogStopped { return "its watchdog, process \(process), is stopped: \(notByItself)" }
    if pending.isOver { return "process \(process) is rolling it back" }
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
