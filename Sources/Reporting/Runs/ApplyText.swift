import Documents
import Execution
import Files
import HostModel
import Hosts
import Planning

/// The text of an apply or rollback on a terminal: its progress and its result.
public struct ApplyText: Sendable {
  private let style: Style
  private let total: Int
  private let detail: DetailLevel
  /// The number of each step in the plan, from 1, by the step's id.
  private let numbers: [String: Int]

  /// - Parameter steps: the steps of the plan, in the plan's order.
  public init(style: Style, steps: [Step], detail: DetailLevel = .normal) {
    self.style = style
    total = steps.count
    self.detail = detail
    numbers = Dictionary(
      steps.enumerated().map { ($1.id, $0 + 1) }, uniquingKeysWith: { first, _ in first })
  }

  /// The line for an event of a step. Empty where the event is not shown at this level of detail; failures
  /// always are.
  public func text(_ entry: JournalEntry) -> String {
    let words = allText(entry)
    switch entry {
    case .failed, .undoFailed: return words
    default: return detail == .quiet ? "" : words
    }
  }

  private func allText(_ entry: JournalEntry) -> String {
    switch entry {
    case .starting(let step, let action):
      return detail == .verbose ? line(step, "started") + "\n" + details(action) : ""
    case .done(let step, let took):
      return line(step, style.green("done") + " in " + Self.words(took)) + "\n"
    case .alreadyDone(let step):
      return line(step, style.green("already done")) + "\n"
    case .failed(let step, let failure, let took):
      if failure.kind == .stopped { return line(step, "not started: " + printable(failure.message)) + "\n" }
      let end = style.red(failure.kind == .stuck ? "STUCK" : "FAILED") + " after " + Self.words(took)
      return line(step, end) + "\n" + reason(failure)
    case .skipped(let step): return "     -   " + StepText.sentence(step) + ": not started\n"
    case .undoing(let step, let action):
      return detail == .verbose
        ? "  undo   \(StepText.sentence(action, of: step)): started\n" + details(action) : ""
    case .undone(let step, let took):
      return "  undo   \(inverse(step)): " + style.green("done") + " in " + Self.words(took) + "\n"
    case .found, .recovering, .recorded, .ended, .confirmed, .unconfirmed: return ""
    case .undoFailed(let step, let failure):
      return "  undo   \(inverse(step)): " + style.red("FAILED") + "\n" + reason(failure)
    }
  }

  /// The line on the terminal while an action is in progress; nil where the entry does not start one.
  public func running(_ entry: JournalEntry, _ timeouts: Timeouts) -> ProgressLine? {
    guard detail != .quiet else { return nil }
    switch entry {
    case .starting(let step, let action):
      return ProgressLine(
        "  \(place(of: step))  \(StepText.sentence(step))", wait: StepText.waiting(action, of: step, timeouts)
      )
    case .undoing(let step, let action):
      return ProgressLine(
        "  undo   \(StepText.sentence(action, of: step))", wait: StepText.waiting(action, of: step, timeouts))
    default: return nil
    }
  }

  /// The number of the step and the number of all steps: `3/12`.
  private func place(of step: Step) -> String {
    let count = String(total)
    let now = String(numbers[step.id] ?? 0)
    return String(repeating: " ", count: max(count.count - now.count, 0)) + now + "/" + count
  }

  private func line(_ step: Step, _ end: String) -> String {
    "  \(place(of: step))  \(StepText.sentence(step)): \(end)"
  }

  private func details(_ action: Action) -> String {
    StepText.details(action).reduce(into: "") { $0 += "        \($1)\n" }
  }

  private func inverse(_ step: Step) -> String {
    StepText.sentence(step.action.inverse ?? step.action, of: step)
  }

  private func reason(_ failure: HostFailure) -> String {
    "        \(printable(failure.message)) [\(failure.code)]\n"
      + (failure.help.map { "        help: \(printable($0))\n" } ?? "")
  }

  static func words(_ duration: Duration) -> String {
    let milliseconds = duration.milliseconds
    if milliseconds < 1000 { return "\(milliseconds) ms" }
    return "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s"
  }

  /// The result, the state of the host after it, and how to continue.
  ///
  /// - Parameters:
  ///   - plan: the plan that was executed: of the run, or of its recovery.
  ///   - state: the host as it was read afterwards; nil where it could not be read.
  public func text(_ outcome: Outcome, of plan: Plan, _ journal: Journal, after state: HostState?) -> String {
    let result = headline(outcome, plan, journal)
    let isShort = detail == .quiet && (outcome.end == .success || outcome.end == .undone && outcome.isUndo)
    if isShort { return result + incomplete(outcome) }
    if outcome.end == .success { return "\n" + result + incomplete(outcome) }
    return "\n" + result + "Now on the host:\n" + standing(plan, state) + incomplete(outcome)
      + next(outcome, journal)
  }

  private func headline(_ outcome: Outcome, _ plan: Plan, _ journal: Journal) -> String {
    switch outcome.end {
    case .success: return complete(outcome, plan, journal)
    case .stuck:
      let step = printable(outcome.failure?.step.id ?? "")
      let rest = outcome.undoFailures.isEmpty ? "" : "Some of the other steps could not be undone.\n"
      return style.red("Stuck.") + " \(step) may still take effect: it is neither done nor undone.\n" + rest
    case .undone where outcome.isUndo:
      return style.green("Recovery complete.") + " The steps of \(journal.name) are undone.\n"
    case .undone where outcome.hasChangedNothing:
      return failed(journal, ".") + " Nothing was changed.\n"
    case .undone where outcome.failure?.failure.kind == .stopped:
      return style.yellow("Stopped.") + " All completed steps were undone.\n"
    case .undone: return failed(journal, ".") + " All completed steps were undone.\n"
    case .left: return failed(journal, ".") + " The completed steps stay in effect.\n"
    case .partlyUndone where outcome.isUndo:
      return style.red("Recovery failed: some steps could not be undone.") + "\n"
    case .partlyUndone: return failed(journal, ", and some steps could not be undone.") + "\n"
    case nil: return style.red("The undo was interrupted.") + "\n"
    }
  }

  private func failed(_ journal: Journal, _ end: String) -> String {
    style.red(Self.task(journal) + " failed" + end)
  }

  private static func task(_ journal: Journal) -> String {
    journal.header.task == .apply ? "Apply" : "Rollback"
  }

  private func complete(_ outcome: Outcome, _ plan: Plan, _ journal: Journal) -> String {
    let count = "\(outcome.completed.count) of \(pluralised(plan.steps.count, "step"))"
    let undo =
      outcome.done.isEmpty || detail == .quiet ? "" : " Undo with: pcipass rollback \(journal.id)"
    return style.green("\(Self.task(journal)) complete:") + " \(count) verified on \(plan.host).\(undo)\n"
  }

  private func next(_ outcome: Outcome, _ journal: Journal) -> String {
    switch outcome.end {
    case .undone where outcome.isUndo: ""
    case .stuck, .partlyUndone, nil:
      "Next: remove the cause, then undo the rest with: pcipass recover (or complete it: --forward)\n"
    case .left: "Next: plan and apply again, or undo with: pcipass rollback \(journal.id)\n"
    case .success, .undone: "Next: remove the cause, then plan and apply again.\n"
    }
  }

  private func incomplete(_ outcome: Outcome) -> String {
    outcome.journalFailures.first.map { "The journal is incomplete: \(printable($0))\n" } ?? ""
  }

  private func standing(_ plan: Plan, _ state: HostState?) -> String {
    guard let state else { return "  unknown: the host could not be read\n" }
    return PresentState.lines(of: plan, state).reduce(into: "") { $0 += "  \($1)\n" }
  }
}
