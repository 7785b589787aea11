import Documents
import Execution
import Files
import HostModel
import Hosts
import Planning

/// Applies and rollbacks as text for a terminal.
public struct HistoryText {
  private let style: Style
  private let rolledBack: [Int: Int]
  private let running: Int?
  private let pending: PendingConfirmation?

  /// - Parameters:
  ///   - all: all journals of the host, which show what became of each.
  ///   - isAtWork: whether a pcipass process is changing the host now. The last open journal is then in
  ///     progress.
  ///   - pending: the apply that waits for confirmation.
  public init(
    style: Style, of all: [Journal], isAtWork: Bool, _ pending: PendingConfirmation? = nil
  ) {
    self.style = style
    self.pending = pending
    rolledBack = all.rolledBack
    running = isAtWork ? all.last { $0.isOpen }?.id : nil
  }

  /// One line for each journal, the last one first.
  public func table(_ journals: [Journal]) -> String {
    var table = TextTable(["ID", "BEGAN", "BY", "TASK", "STEPS", "OUTCOME"].map { .init(title: $0) })
    for journal in journals.reversed() {
      table.add([
        "\(journal.id)", "\(journal.began)", journal.header.by, task(journal),
        "\(journal.effects.count) of \(journal.header.plan.steps.count)", outcome(journal),
      ])
    }
    return table.text(style)
  }

  /// The kind of the run: `apply` or what a rollback undoes.
  public func task(_ journal: Journal) -> String {
    switch journal.header.task {
    case .apply: "apply"
    case .rollback(let id, let only):
      "rollback of \(id.map { "\($0)" } ?? "a plan")"
        + (only.isEmpty ? "" : " (" + only.map(\.description).joined(separator: ", ") + ")")
    }
  }

  /// The outcome of an apply or rollback in a few words.
  public func outcome(_ journal: Journal) -> String {
    if let by = rolledBack[journal.id] { return "taken back by \(by)" }
    if journal.id == running { return "is being carried out, " + RecoveryText.place(of: journal) }
    switch journal.end {
    case nil: return "interrupted " + RecoveryText.place(of: journal)
    case .stuck: return "stuck"
    case .partlyUndone: return "undone in part only"
    case .undone: return journal.wasNotConfirmed ? "not confirmed in time, undone" : "undone"
    case .left, .success:
      let end = journal.end == .left ? "left as it was" : "done"
      if journal.awaitsConfirmation { return waiting(journal, end) }
      for case .confirmed(let by) in journal.entries { return "\(end), confirmed by \(by)" }
      return end
    }
  }

  private func waiting(_ journal: Journal, _ end: String) -> String {
    guard let pending, pending.apply == journal.id else { return end + ", waiting for confirmation" }
    if pending.isOver { return end + ", not confirmed in time, not rolled back yet" }
    return end + ", waiting for confirmation"
      + (pending.isGuarded ? " until \(Timestamp(milliseconds: pending.until))" : ", not watched")
  }

  /// All records of one journal, and the actions that would undo it.
  public func text(_ journal: Journal) -> String {
    let header = journal.header
    var result = style.bold("\(journal.name) on \(header.plan.host)") + ": \(printable(outcome(journal)))\n"
    result +=
      "  \(task(journal)), begun \(journal.began) by \(printable(header.by)), pcipass \(printable(header.version))\n"
    if let ended = journal.ended { result += "  ended \(ended)\n" }
    if let seconds = header.confirmWithin {
      result +=
        "  to be confirmed within \(seconds) s" + (journal.deadline.map { ", until \($0.moment.at)" } ?? "")
        + "\n"
    }
    if let boot = header.boot { result += "  boot \(printable(boot))\n" }
    result += "\n"
    for line in journal.lines { result += text(line.entry) }
    let effects = journal.effects.filter { $0.action.inverse != nil }
    if !effects.isEmpty { result += "\nWhat would take it back, last first:\n" }
    for effect in effects.reversed() {
      guard let inverse = effect.action.inverse else { continue }
      result +=
        "  \(StepText.sentence(inverse))" + (effect.isDone ? "" : " (of a step whose end is not known)")
        + "\n"
    }
    return result
  }

  private func text(_ entry: JournalEntry) -> String {
    switch entry {
    case .starting(let step, let action): line(step, "begun: " + StepText.sentence(action))
    case .done(let step, let took): line(step, style.green("done") + " in \(ApplyText.words(took))")
    case .alreadyDone(let step): line(step, style.green("was so already"))
    case .failed(let step, let failure, _):
      line(step, style.red("failed") + ": \(printable(failure.message)) [\(failure.code)]")
    case .skipped(let step): line(step, "not begun")
    case .undoing(let step, let action): line(step, "being undone: " + StepText.sentence(action))
    case .undone(let step, let took): line(step, "undone in \(ApplyText.words(took))")
    case .undoFailed(let step, let failure):
      line(step, style.red("not undone") + ": \(printable(failure.message)) [\(failure.code)]")
    case .found(let step, let finding): line(step, "found " + words(finding))
    case .recovering(let direction, _, _): "  " + style.yellow("recovery, \(direction.rawValue)") + "\n"
    case .ended(let end): "  ended: \(end.rawValue)\n"
    case .confirmed(let by): "  confirmed by \(printable(by))\n"
    case .unconfirmed(let reason): "  not confirmed, not rolled back yet: \(printable(reason))\n"
    }
  }

  private func words(_ finding: FoundState) -> String {
    switch finding {
    case .done: "done"
    case .notDone: "not done"
    case .partly: "done in part"
    }
  }

  private func line(_ step: Step, _ text: String) -> String { "  \(printable(step.id)): \(text)\n" }
}
