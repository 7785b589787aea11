import Documents
import Execution
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
      return detail == .verbose ? line(step, "begun") + "\n" + details(action) : ""
    case .done(let step, let took):
      return line(step, style.green("done") + " in " + Self.words(took)) + "\n"
    case .alreadyDone(let step):
      return line(step, style.green("is so already")) + "\n"
    case .failed(let step, let failure, let took):
      if failure.kind == .stopped { return line(step, "not begun: " + printable(failure.message)) + "\n" }
      let end = style.red(failure.kind == .stuck ? "STUCK" : "FAILED") + " after " + Self.words(took)
      return line(step, end) + "\n" + reason(failure)
    case .skipped(let step): return "     -   " + StepText.sentence(step.action) + ": not begun\n"
    case .undoing(_, let action):
      return detail == .verbose ? "  undo   \(StepText.sentence(action)): begun\n" + details(action) : ""
    case .undone(let step, let took):
      return "  undo   \(inverse(step)): " + style.green("done") + " in " + Self.words(took) + "\n"
    case .found, .recovering, .ended, .confirmed, .unconfirmed: return ""
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
        "  \(place(of: step))  \(StepText.sentence(step.action))", wait: action.report.waiting(timeouts))
    case .undoing(_, let action):
      return ProgressLine("  undo   \(StepText.sentence(action))", wait: action.report.waiting(timeouts))
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
    "  \(place(of: step))  \(StepText.sentence(step.action)): \(end)"
  }

  private func details(_ action: Action) -> String {
    StepText.details(action).reduce(into: "") { $0 += "        \($1)\n" }
  }

  private func inverse(_ step: Step) -> String { StepText.sentence(step.action.inverse ?? step.action) }

  private func reason(_ failure: HostFailure) -> String {
    "        \(printable(failure.message)) [\(failure.code)]\n"
      + (failure.help.map { "        help: \(printable($0))\n" } ?? "")
  }

  static func words(_ duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
    if milliseconds < 1000 { return "\(milliseconds) ms" }
    return "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s"
  }

  /// The result, the state of the host after it, and how to continue.
  ///
  /// - Parameter state: the host as it was read afterwards; nil where it could not be read.
  public func text(_ outcome: Outcome, _ journal: Journal, after state: HostState?) -> String {
    let plan = journal.header.plan
    var result = "\n"
    switch outcome.end {
    case .success:
      let words =
        style.green("Done.") + " \(outcome.done.count) of \(plan.steps.count) steps changed \(plan.host), "
        + "each read back.\n" + incomplete(outcome)
      if detail == .quiet { return words }
      return result + words
        + (outcome.done.isEmpty
          ? "" : "This is \(journal.name); pcipass rollback \(journal.id) takes it back.\n")
    case .stuck:
      let step = printable(outcome.failure?.step.id ?? "")
      result += style.red("Stuck.") + " \(step) may still happen: it was neither done nor undone.\n"
      if !outcome.undoFailures.isEmpty { result += "Of the rest not all could be undone.\n" }
    case .undone where outcome.isUndo:
      let words = style.green("Recovered.") + " What \(journal.name) had done is taken back.\n"
      if detail == .quiet { return words + incomplete(outcome) }
      return result + words
        + "Now, as read from the host:\n" + standing(plan, state) + incomplete(outcome)
    case .undone:
      let isStopped = outcome.failure?.failure.kind == .stopped
      result += (isStopped ? style.yellow("Stopped.") : style.red("Failed.")) + " What was done is undone.\n"
    case .left: result += style.red("Failed.") + " What was done is left as it is.\n"
    case .partlyUndone: result += style.red("Failed, and not all could be undone.") + "\n"
    case nil: result += style.red("Stopped on the way back.") + "\n"
    }
    result += "Now, as read from the host:\n" + standing(plan, state) + incomplete(outcome)
    switch outcome.end {
    case .stuck, .partlyUndone, nil:
      result +=
        "To go on: mend the cause, then pcipass recover goes back the rest of the way, or --forward.\n"
    case .left:
      result +=
        "To go on: plan and apply again, or pcipass rollback \(journal.id); both start from what is there.\n"
    case .success, .undone:
      result += "To go on: mend the cause, then plan and apply again; both start from what is there.\n"
    }
    return result
  }

  private func incomplete(_ outcome: Outcome) -> String {
    outcome.journalFailures.first.map { "The journal is not complete: \(printable($0))\n" } ?? ""
  }

  private func standing(_ plan: Plan, _ state: HostState?) -> String {
    guard let state else { return "  unknown: the host could not be read\n" }
    return PresentState.lines(of: plan, state).reduce(into: "") { $0 += "  \($1)\n" }
  }
}
