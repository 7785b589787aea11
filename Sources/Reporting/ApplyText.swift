import Documents
import Execution
import HostModel
import Hosts
import Planning

/// What is shown while a plan is carried out, and at its end.
public struct ApplyText {
  private let style: Style
  private let total: Int
  private let isTerminal: Bool
  private var number = 0
  /// The step that was last counted.
  private var counted: String?

  public init(style: Style, total: Int, isTerminal: Bool) {
    self.style = style
    self.total = total
    self.isTerminal = isTerminal
  }

  /// One line for each step as it ends; on a terminal the line stands there while the step runs.
  public mutating func text(_ entry: JournalEntry) -> String {
    switch entry {
    case .starting(let step, _):
      count(step)
      return isTerminal ? line(step, "…") : ""
    case .done(let step, let took):
      return again + line(step, style.green("done") + " in " + Self.words(took)) + "\n"
    case .alreadyDone(let step):
      count(step)
      return line(step, style.green("is so already")) + "\n"
    case .failed(let step, let failure, let took):
      // It may have failed before it was begun.
      count(step)
      if failure.kind == .stopped { return line(step, "not begun: " + printable(failure.message)) + "\n" }
      let end = style.red(failure.kind == .stuck ? "STUCK" : "FAILED") + " after " + Self.words(took)
      return again + line(step, end) + "\n" + reason(failure)
    case .skipped(let step): return "     -   " + StepWords.sentence(step.action) + ": not begun\n"
    case .undoing(_, let action): return isTerminal ? "  undo   \(StepWords.sentence(action)): …" : ""
    case .undone(let step, let took):
      return again + "  undo   \(inverse(step)): " + style.green("done") + " in " + Self.words(took) + "\n"
    case .found, .recovering, .ended, .confirmed, .unconfirmed: return ""
    case .undoFailed(let step, let failure):
      return again + "  undo   \(inverse(step)): " + style.red("FAILED") + "\n" + reason(failure)
    }
  }

  private mutating func count(_ step: Step) {
    guard counted != step.id else { return }
    counted = step.id
    number += 1
  }

  private var again: String { isTerminal ? "\r\u{1B}[K" : "" }

  private func line(_ step: Step, _ end: String) -> String {
    let count = String(total)
    let now = String(number)
    let pad = String(repeating: " ", count: max(count.count - now.count, 0))
    return "  \(pad)\(now)/\(count)  \(StepWords.sentence(step.action)): \(end)"
  }

  private func inverse(_ step: Step) -> String { StepWords.sentence(step.action.inverse ?? step.action) }

  private func reason(_ failure: HostFailure) -> String {
    "        \(printable(failure.message)) [\(failure.kind.rawValue)]\n"
      + (failure.help.map { "        help: \(printable($0))\n" } ?? "")
  }

  static func words(_ duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
    if milliseconds < 1000 { return "\(milliseconds) ms" }
    return "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s"
  }

  /// How it ended, and exactly what state things are in, as read from the host afterwards.
  public func text(_ outcome: Outcome, _ journal: Journal, after state: HostState?) -> String {
    let plan = journal.header.plan
    var result = "\n"
    switch outcome.end {
    case .success:
      result +=
        style.green("Done.") + " \(outcome.done.count) of \(plan.steps.count) steps changed \(plan.host), "
        + "each read back.\n" + incomplete(outcome)
      return result
        + (outcome.done.isEmpty
          ? "" : "This is \(journal.name); pcipass rollback \(journal.id) takes it back.\n")
    case .stuck:
      let step = printable(outcome.failure?.step.id ?? "")
      result += style.red("Stuck.") + " \(step) may still happen: it was neither done nor undone.\n"
      if !outcome.undoFailures.isEmpty { result += "Of the rest not all could be undone.\n" }
    case .undone where outcome.isBack:
      return result + style.green("Recovered.") + " What \(journal.name) had done is taken back.\n"
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
    return Standing.lines(of: plan, state).reduce(into: "") { $0 += "  \($1)\n" }
  }
}
