import Documents
import Execution

/// What is said of an apply that somebody is still to confirm.
public enum ConfirmationText {
  public static func diagnostic(_ journal: Journal, _ severity: Diagnostic.Severity) -> Diagnostic {
    let until = journal.deadline.map { " until \($0)" } ?? ""
    let failure = journal.entries.lazy.reversed().compactMap { entry -> String? in
      if case .unconfirmed(let reason) = entry { reason } else { nil }
    }.first
    return Diagnostic(
      severity, code: "unconfirmed",
      failure.map { "\(journal.name) was not confirmed\(until), and could not be taken back: \($0)" }
        ?? "\(journal.name) awaits its confirmation\(until)",
      help: "pcipass confirm \(journal.id) lets it stay; pcipass rollback \(journal.id) takes it back now")
  }
}
