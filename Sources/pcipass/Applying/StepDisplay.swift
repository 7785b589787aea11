import Documents
import Execution
import Planning
import Reporting
import Synchronization

/// Shows the progress of a run: the completed steps in the order of the plan, and one running step
/// in the last line. The threads that execute steps call it with their kernel writes.
final class StepDisplay: Sendable {
  private let terminal: Terminal
  private let text: ApplyText
  private let timeouts: Timeouts
  private let state: Mutex<State>

  private struct State {
    var order: EventOrder
    /// The running steps, in the order of their start.
    var running: [(step: String, line: ProgressLine, since: ContinuousClock.Instant)] = []
  }

  init(_ steps: [Step], _ text: ApplyText, _ timeouts: Timeouts, on terminal: Terminal) {
    self.terminal = terminal
    self.text = text
    self.timeouts = timeouts
    state = Mutex(State(order: EventOrder(steps)))
  }

  func show(_ event: EventOrder.Event) {
    state.withLock { state in
      for event in state.order.take(event) {
        switch event {
        case .trace(_, let words): terminal.writeMeanwhile("        \(printable(words))\n")
        case .entry(let entry): terminal.write(terminal.wrapped(text.text(entry)))
        }
      }
      if case .entry(let entry) = event { showRunningStep(entry, &state) }
    }
  }

  /// Updates the last line, which shows the running step that started first.
  private func showRunningStep(_ entry: JournalEntry, _ state: inout State) {
    switch entry {
    case .starting(let step, _), .undoing(let step, _):
      guard let line = text.running(entry, timeouts) else { return }
      state.running.append((step.id, line, .now))
    case .done(let step, _), .failed(let step, _, _), .undone(let step, _), .undoFailed(let step, _):
      state.running.removeAll { $0.step == step.id }
    default: return
    }
    guard let first = state.running.first else { return }
    var line = first.line
    line.others = state.running.count - 1
    terminal.show(line, since: first.since)
  }
}
