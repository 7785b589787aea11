import Documents
import Execution

/// The record of a run in the journal of systemd.
public enum RunLog {
  /// Identifies these records: `journalctl MESSAGE_ID=…`.
  static let messageID = "5b0f3c8e6d7a4d0c9f5e2a1b8c7d6e4f"

  /// The fields of the record (systemd.journal-fields(7)).
  ///
  /// - Parameter exitStatus: the exit status of the command.
  public static func fields(_ report: RunReport, exitStatus: Int32) -> [(name: String, value: String)] {
    let action = HistoryText.action(report)
    let number = report.id.map { " (number \($0))" } ?? ""
    let message =
      "\(action)\(number) on \(report.host): \(report.outcome.rawValue), "
      + "\(report.inEffect.count) of \(pluralised(report.stepCount, "step")) in effect"
    let optional: [(String, String?)] = [
      ("PCIPASS_RUN", report.id.map { "\($0)" }), ("PCIPASS_BY", report.by),
      ("PCIPASS_REVISION", report.revision),
      ("PCIPASS_CONFIRMATION", report.confirmation?.state.rawValue),
    ]
    return [
      ("MESSAGE", printable(message)), ("MESSAGE_ID", messageID), ("PRIORITY", priority(report.outcome)),
      ("SYSLOG_IDENTIFIER", "pcipass"), ("PCIPASS_HOST", report.host), ("PCIPASS_TASK", report.task.rawValue),
      ("PCIPASS_OUTCOME", report.outcome.rawValue), ("PCIPASS_CHANGED", report.hasChanged ? "1" : "0"),
      ("PCIPASS_EXIT_STATUS", "\(exitStatus)"),
    ] + optional.compactMap { field in field.1.map { (field.0, $0) } }
  }

  /// The severity as syslog(3) counts: 3 error, 4 warning, 6 information.
  private static func priority(_ outcome: RunReport.Outcome) -> String {
    switch outcome {
    case .done, .nothingToDo, .running: "6"
    case .undone: "4"
    case .left, .stuck, .partlyUndone, .interrupted: "3"
    }
  }
}
