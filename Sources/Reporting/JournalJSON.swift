import Documents
import Execution
import Files
import Planning

/// Journals as JSON for programs.
public enum JournalJSON {
  /// The `apiVersion` of these documents.
  public static let version = "pcipass/v1"

  /// The document of the kind `History`: one entry for each apply and rollback.
  ///
  /// - Parameters:
  ///   - isAtWork: whether a pcipass process is changing the host now.
  ///   - pending: the apply that waits for confirmation.
  public static func history(
    _ journals: [Journal], isAtWork: Bool, _ pending: PendingConfirmation? = nil
  ) -> JSON {
    let text = HistoryText(style: .plain, of: journals, isAtWork: isAtWork, pending)
    return .object([
      .init("apiVersion", .string(version)), .init("kind", .string("History")),
      .init("runs", .array(journals.map { summary($0, text) })),
      .init("confirmation", pending.map(PendingConfirmation.form.encode) ?? .null),
    ])
  }

  private static func summary(_ journal: Journal, _ text: HistoryText) -> JSON {
    let task: [JSON.Member] =
      switch journal.header.task {
      case .apply: [.init("task", .string("apply"))]
      case .rollback(let id, let only):
        [.init("task", .string("rollback"))] + (id.map { [.init("of", .integer($0))] } ?? [])
          + (only.isEmpty ? [] : [.init("only", .array(only.map { .string($0.description) }))])
      }
    return .object(
      [.init("id", .integer(journal.id)), .init("host", .string(journal.header.plan.host))] + task + [
        .init("began", .integer(journal.began.milliseconds)),
        .init("ended", journal.ended.map { .integer($0.milliseconds) } ?? .null),
        .init("by", .string(journal.header.by)), .init("version", .string(journal.header.version)),
        .init("end", journal.end.map { .string($0.rawValue) } ?? .null),
        .init("awaitsConfirmation", .boolean(journal.awaitsConfirmation)),
        .init("outcome", .string(text.outcome(journal))),
        .init("steps", .integer(journal.header.plan.steps.count)),
        .init("changed", .array(journal.effects.map { .string($0.step.id) })),
      ])
  }

  /// The document of the kind `Journal`: all records of one journal as they are on disk.
  public static func journal(_ journal: Journal) -> JSON {
    .object([
      .init("apiVersion", .string(version)), .init("kind", .string("Journal")),
      .init("id", .integer(journal.id)),
      .init("records", .array(journal.records)),
    ])
  }
}
