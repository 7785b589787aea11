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
      return again + line(step, style.green("done") + " in " + words(took)) + "\n"
    case .alreadyDone(let step):
      count(step)
      return line(step, style.green("is so already")) + "\n"
    case .failed(let step, let failure, let took):
      // It may have failed before it was begun.
      count(step)
      let end = style.red(failure.kind == .stuck ? "STUCK" : "FAILED") + " after " + words(took)
      return again + line(step, end) + "\n" + reason(failure)
    case .skipped(let step): return "     -   " + StepWords.sentence(step.action) + ": not begun\n"
    case .undoing(_, let action): return isTerminal ? "  undo   \(StepWords.sentence(action)): …" : ""
    case .undone(let step, let took):
      return again + "  undo   \(inverse(step)): " + style.green("done") + " in " + words(took) + "\n"
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

  private func words(_ duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
    if milliseconds < 1000 { return "\(milliseconds) ms" }
    return "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s"
  }

  /// How it ended, and exactly what state things are in, as read from the host afterwards.
  public func text(_ outcome: Outcome, _ plan: Plan, after state: HostState?) -> String {
    var result = "\n"
    switch outcome.end {
    case .success:
      result +=
        style.green("Done.") + " \(outcome.done.count) of \(plan.steps.count) steps changed \(plan.host), "
        + "each read back.\n"
      return result + journal(outcome)
    case .stuck:
      let step = printable(outcome.failure?.step.id ?? "")
      result += style.red("Stuck.") + " \(step) may still happen: it was neither done nor undone.\n"
      if !outcome.undoFailures.isEmpty { result += "Of the rest not all could be undone.\n" }
    case .undone: result += style.red("Failed.") + " What was done is undone.\n"
    case .left: result += style.red("Failed.") + " What was done is left as it is.\n"
    case .partlyUndone: result += style.red("Failed, and not all could be undone.") + "\n"
    }
    result += "Now, as read from the host:\n" + standing(plan, state) + journal(outcome)
    return result + "To go on: mend the cause, then plan and apply again; both start from what is there.\n"
  }

  private func journal(_ outcome: Outcome) -> String {
    outcome.journalFailures.first.map { "The journal is not complete: \(printable($0))\n" } ?? ""
  }

  private func standing(_ plan: Plan, _ state: HostState?) -> String {
    guard let state else { return "  unknown: the host could not be read\n" }
    var seen: Set<PCIAddress> = []
    var result = ""
    for address in plan.steps.compactMap(\.action.function) where seen.insert(address).inserted {
      guard let function = state[address] else {
        result += "  \(address) is gone\n"
        continue
      }
      result += "  \(address) is on \(printable("\(Binding(of: function))"))"
      for (manager, guest) in state.allGuests {
        if guest.live?.contains(where: { $0.address == address }) ?? false {
          result += ", in the running \(printable(manager.name))"
        }
        if guest.persistent?.contains(where: { $0.address == address }) ?? false {
          result += ", in the definition of \(printable(manager.name))"
        }
      }
      result += "\n"
    }
    let unknown = Set(plan.steps.compactMap(\.action.guest).compactMap { state.guests(of: $0).reason })
    for reason in unknown.sorted() { result += "  what guests have is not known: \(printable(reason))\n" }
    return result
  }
}
