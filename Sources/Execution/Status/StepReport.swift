import Hosts
import Planning

/// A step of a run, and its outcome.
public struct StepReport: Sendable {
  /// The outcome of a step, as a stable keyword of the JSON format.
  public enum Outcome: String, CaseIterable, Sendable {
    case notStarted = "not-started"
    /// The step was started, and its end was not recorded.
    case unknown
    case done
    /// The host was in the last state of the step already.
    case alreadyDone = "already-done"
    case failed
    /// A call has not ended within its deadline, and may still take effect.
    case stuck
    case undone
    /// The undo of the step failed.
    case notUndone = "not-undone"
  }

  public var step: Step
  /// The action as it was started, from what was read at that moment.
  public var started: Action?
  public var outcome = Outcome.notStarted
  /// The duration of the step, or of its undo.
  public var took: Duration?
  /// Why the step or its undo failed.
  public var failure: HostFailure?

  init(_ step: Step) { self.step = step }
}

extension Journal {
  /// The steps of the run in the order of the plan, then those that its recovery added.
  public var stepReports: [StepReport] {
    var reports: [String: StepReport] = [:]
    var steps = header.plan.steps
    let planned = Set(steps.map(\.id))
    for entry in entries {
      guard let step = entry.step else { continue }
      if reports[step.id] == nil, !planned.contains(step.id) { steps.append(step) }
      var report = reports[step.id] ?? StepReport(step)
      report.take(entry)
      reports[step.id] = report
    }
    return steps.map { reports[$0.id] ?? StepReport($0) }
  }
}

extension StepReport {
  /// Updates the report with the next journal entry about the step.
  fileprivate mutating func take(_ entry: JournalEntry) {
    switch entry {
    case .starting(_, let action): (started, outcome, failure, took) = (action, .unknown, nil, nil)
    case .done(_, let took): (outcome, self.took) = (.done, took)
    case .alreadyDone: outcome = .alreadyDone
    case .failed(_, let failure, let took):
      // A step that was not started did not fail: a signal or a guard stopped the run before it.
      outcome = started == nil ? .notStarted : failure.kind == .stuck ? .stuck : .failed
      (self.failure, self.took) = (failure, took)
    case .undoing: outcome = .unknown
    case .undone(_, let took): (outcome, self.took) = (.undone, took)
    case .undoFailed(_, let failure): (outcome, self.failure) = (.notUndone, failure)
    case .found(_, .done): outcome = .done
    case .found(_, .notDone): outcome = started == nil ? .notStarted : .undone
    case .found(_, .partly): outcome = .unknown
    case .skipped, .recovering, .recorded, .ended, .confirmed, .unconfirmed: break
    }
  }
}

extension JournalEntry {
  /// The step that the entry is about.
  fileprivate var step: Step? {
    switch self {
    case .starting(let step, _), .done(let step, _), .alreadyDone(let step), .failed(let step, _, _),
      .skipped(let step), .undoing(let step, _), .undone(let step, _), .undoFailed(let step, _),
      .found(let step, _):
      step
    case .recovering, .recorded, .ended, .confirmed, .unconfirmed: nil
    }
  }
}
