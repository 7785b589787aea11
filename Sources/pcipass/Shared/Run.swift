import Documents
import Execution
import Hosts
import Planning
import Reporting
import Synchronization

/// Steps being carried out: each entry goes to the journal, then to the terminal.
struct Run {
  let text: ApplyText
  private let file: JournalFile
  private let jobs: Int
  private let display: StepDisplay

  init(_ file: JournalFile, _ steps: [Step], jobs: Int, _ detail: Detail, _ session: Session) {
    self.file = file
    self.jobs = jobs
    text = ApplyText(style: Terminal.output, steps: steps, detail: detail)
    let patience = Patience(step: session.options.stepTimeout, unplug: session.options.unplugTimeout)
    let display = StepDisplay(steps, text, patience)
    self.display = display
    if detail == .verbose { session.trace.hear { display.show(.trace(step: $0, $1)) } }
  }

  func executor(on host: any Host, _ onFailure: Executor.OnFailure) -> Executor {
    Executor(
      host: host, order: .jobs(jobs), onFailure: onFailure, stop: { Interruption.reason }
    ) { entry throws(JournalFailure) in
      try file.append(entry)
      display.show(.entry(entry))
    }
  }

  /// Writes down how it ended. Where that fails, the journal stays open, and the next run looks.
  func end(_ outcome: inout Outcome) {
    guard let end = outcome.end else { return }
    do throws(JournalFailure) { try file.append(.ended(end)) } catch {
      outcome.journalFailures.append(error.message)
    }
  }
}

/// What the terminal shows of steps that are being done: what has happened, in the plan's order, and in its last line what
/// goes on. Threads that do steps tell it what they write into the kernel.
private final class StepDisplay: Sendable {
  private let text: ApplyText
  private let patience: Patience
  private let state: Mutex<State>

  private struct State {
    var order: EntryOrder
    /// What goes on, in the order in which it began.
    var running: [(step: String, line: RunningLine, since: ContinuousClock.Instant)] = []
  }

  init(_ steps: [Step], _ text: ApplyText, _ patience: Patience) {
    self.text = text
    self.patience = patience
    state = Mutex(State(order: EntryOrder(steps)))
  }

  func show(_ event: EntryOrder.Event) {
    state.withLock { state in
      for event in state.order.take(event) {
        switch event {
        case .trace(_, let words): Terminal.writeMeanwhile("        \(printable(words))\n")
        case .entry(let entry): Terminal.write(text.text(entry))
        }
      }
      if case .entry(let entry) = event { showWhatGoesOn(entry, &state) }
    }
  }

  /// The last line tells of what began first of all that goes on.
  private func showWhatGoesOn(_ entry: JournalEntry, _ state: inout State) {
    switch entry {
    case .starting(let step, _), .undoing(let step, _):
      guard let line = text.running(entry, patience) else { return }
      state.running.append((step.id, line, .now))
    case .done(let step, _), .failed(let step, _, _), .undone(let step, _), .undoFailed(let step, _):
      state.running.removeAll { $0.step == step.id }
    default: return
    }
    guard let first = state.running.first else { return }
    var line = first.line
    line.others = state.running.count - 1
    Terminal.show(line, since: first.since)
  }
}

/// Where what is written into the kernel and run is told of, once somebody wants to hear it.
final class TraceLine: Sendable {
  private let listener = Mutex<LiveHost.Trace?>(nil)

  func hear(_ listener: @escaping LiveHost.Trace) { self.listener.withLock { $0 = listener } }

  func tell(_ step: String, _ words: String) { listener.withLock { $0 }?(step, words) }
}
