import Documents
import Execution
import Files
import HostModel
import Hosts
import Planning

/// Applies and rollbacks as text for a terminal.
public struct HistoryText {
  private let style: Style
  private let context: RunContext

  /// - Parameter context: what happened to each run since it ended.
  public init(style: Style, _ context: RunContext) {
    self.style = style
    self.context = context
  }

  /// One line for each journal, the last one first.
  ///
  /// - Parameter width: the width of the terminal in columns; nil means no limit.
  public func table(_ journals: [Journal], width: Int? = nil) -> String {
    var table = TextTable(
      ["ID", "STARTED", "BY", "ACTION", "STEPS", "REVISION", "OUTCOME"].map {
        .init(title: $0, dropOrder: ["BY": 1, "STEPS": 2, "REVISION": 3][$0], isTruncatable: $0 == "OUTCOME")
      })
    for journal in journals.reversed() {
      let report = context.report(journal)
      table.add([
        "\(journal.id)", "\(journal.began)", journal.header.by, Self.action(report),
        "\(report.inEffect.count) of \(report.stepCount)", Self.shortened(report.revision), outcome(journal),
      ])
    }
    return table.text(style, width: width)
  }

  /// The revision; the id of a commit without its end, as git does. `pcipass show` prints it whole.
  private static func shortened(_ revision: String?) -> String {
    guard let revision else { return "" }
    let id = revision.prefix { $0.isHexDigit }
    return id.utf8.count >= 40 ? String(id.prefix(12)) + revision.dropFirst(id.count) : revision
  }

  /// `apply`, or what a rollback undoes.
  public static func action(_ report: RunReport) -> String {
    guard let undone = report.undoes else { return report.task.rawValue }
    let targets = undone.targets.map(\.description).joined(separator: ", ")
    return "rollback of \(undone.run.map { "\($0)" } ?? "a saved plan")"
      + (targets.isEmpty ? "" : " (\(targets))")
  }

  /// The outcome of an apply or rollback in a few words.
  public func outcome(_ journal: Journal) -> String {
    let report = context.report(journal)
    if let by = report.rolledBackBy { return "rolled back by \(by)" }
    switch report.outcome {
    case .running: return "in progress, " + RecoveryText.place(of: journal)
    case .interrupted: return "interrupted " + RecoveryText.place(of: journal)
    case .stuck: return "stuck"
    case .partlyUndone: return "partly undone"
    case .undone: return report.confirmation?.state == .expired ? "not confirmed in time, undone" : "undone"
    case .left: return "failed, not undone" + Self.confirmation(report)
    case .done: return "done" + Self.confirmation(report)
    case .nothingToDo: return "nothing to do"
    }
  }

  private static func confirmation(_ report: RunReport) -> String {
    guard let confirmation = report.confirmation else { return "" }
    switch confirmation.state {
    case .waiting where confirmation.isWatched == false:
      return ", waiting for confirmation, not watched"
    case .waiting:
      return ", waiting for confirmation" + (confirmation.until.map { " until \($0)" } ?? "")
    case .overdue: return ", not confirmed in time, not rolled back yet"
    case .confirmed: return ", confirmed by \(confirmation.by ?? "")"
    case .expired, .void: return ""
    }
  }

  /// All records of one journal, and the actions that would undo it.
  public func text(_ journal: Journal) -> String {
    let header = journal.header
    var result = style.bold("\(journal.name) on \(header.plan.host)") + ": \(printable(outcome(journal)))\n"
    result +=
      "  \(Self.action(context.report(journal))), started \(journal.began) by \(printable(header.by)), "
      + "pcipass \(printable(header.version))\n"
    if let ended = journal.ended { result += "  finished \(ended)\n" }
    if let seconds = header.confirmWithin {
      result +=
        "  confirmation within \(seconds) s" + (journal.deadline.map { ", until \($0.moment.at)" } ?? "")
        + "\n"
    }
    if let revision = header.plan.revision { result += "  revision \(printable(revision))\n" }
    if let boot = header.boot { result += "  boot \(printable(boot))\n" }
    result += "\n"
    for line in journal.lines { result += text(line.entry) }
    let effects = journal.effects.filter { $0.action.inverse != nil }
    if !effects.isEmpty { result += "\nSteps that undo it, in this order:\n" }
    for effect in effects.reversed() {
      guard let inverse = effect.action.inverse else { continue }
      result +=
        "  \(StepText.sentence(inverse, of: effect.step))"
        + (effect.isDone ? "" : " (the result of the step is unknown)")
        + "\n"
    }
    return result
  }

  private func text(_ entry: JournalEntry) -> String {
    switch entry {
    case .starting(let step, let action): line(step, "started: " + StepText.sentence(action, of: step))
    case .done(let step, let took): line(step, style.green("done") + " in \(ApplyText.words(took))")
    case .alreadyDone(let step): line(step, style.green("already done"))
    case .failed(let step, let failure, _):
      line(step, style.red("failed") + ": \(printable(failure.message)) [\(failure.code)]")
    case .skipped(let step): line(step, "not started")
    case .undoing(let step, let action): line(step, "undo started: " + StepText.sentence(action, of: step))
    case .undone(let step, let took): line(step, "undone in \(ApplyText.words(took))")
    case .undoFailed(let step, let failure):
      line(step, style.red("undo failed") + ": \(printable(failure.message)) [\(failure.code)]")
    case .found(let step, let finding): line(step, "found " + words(finding))
    case .recovering(let direction, _, _): "  " + style.yellow("recovery, \(direction.rawValue)") + "\n"
    case .recorded(let change): "  for the boot: \(words(change))\n"
    case .ended(let end): "  finished: \(end.rawValue)\n"
    case .confirmed(let by): "  confirmed by \(printable(by))\n"
    case .unconfirmed(let reason): "  not confirmed, not rolled back yet: \(printable(reason))\n"
    }
  }

  private func words(_ change: BootChange) -> String {
    let (set, removed) = (Set(change.added.map(\.address)), Set(change.removed.map(\.address)))
    func list(_ functions: Set<PCIAddress>) -> String {
      functions.sorted().map { "\($0)" }.joined(separator: ", ")
    }
    let parts = [
      set.isEmpty ? nil : "\(list(set)) set up",
      removed.isSubset(of: set) ? nil : "\(list(removed.subtracting(set))) not set up any more",
    ]
    return parts.compactMap { $0 }.joined(separator: "; ")
  }

  private func words(_ finding: FoundState) -> String {
    switch finding {
    case .done: "done"
    case .notDone: "not done"
    case .partly: "partly done"
    }
  }

  private func line(_ step: Step, _ text: String) -> String { "  \(printable(step.id)): \(text)\n" }
}
