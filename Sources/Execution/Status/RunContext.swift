import Files
import Planning

/// The journals and processes of one host, which show what happened to each run since it ended.
public struct RunContext: Sendable {
  /// The number of the rollback of each run that is rolled back.
  private let rolledBack: [Int: Int]
  /// The run that is in progress.
  private let running: Int?
  private let pending: PendingConfirmation?

  /// - Parameters:
  ///   - all: all journals of the host.
  ///   - isAtWork: whether a pcipass process is changing the host now. The last open journal is then in
  ///     progress.
  ///   - pending: the apply that waits for confirmation.
  public init(of all: [Journal], isAtWork: Bool, pending: PendingConfirmation? = nil) {
    rolledBack = all.rolledBack
    running = isAtWork ? all.last { $0.isOpen }?.id : nil
    self.pending = pending
  }

  /// Returns the report of a run.
  public func report(_ journal: Journal) -> RunReport {
    var report = RunReport(
      id: journal.id, host: journal.header.plan.host, task: .apply, started: journal.began,
      finished: journal.ended, by: journal.header.by, version: journal.header.version,
      revision: journal.header.plan.revision,
      outcome: outcome(of: journal), rolledBackBy: rolledBack[journal.id],
      confirmation: confirmation(of: journal), stepCount: journal.header.plan.steps.count,
      inEffect: journal.effects.map(\.step.id),
      hasChanged: journal.effects.contains { $0.action.inverse != nil })
    if case .rollback(let id, let only) = journal.header.task {
      report.task = .rollback
      report.undoes = RunReport.Undone(run: id, targets: only)
    }
    for case .recovering(let direction, _, _) in journal.entries { report.recovery = direction }
    return report
  }

  private func outcome(of journal: Journal) -> RunReport.Outcome {
    if journal.id == running { return .running }
    return switch journal.end {
    case nil: .interrupted
    case .success: .done
    case .undone: .undone
    case .left: .left
    case .stuck: .stuck
    case .partlyUndone: .partlyUndone
    }
  }

  private func confirmation(of journal: Journal) -> RunReport.Confirmation? {
    guard journal.header.confirmWithin != nil else { return nil }
    for case .confirmed(let by) in journal.entries {
      return RunReport.Confirmation(apply: journal.id, state: .confirmed, by: by)
    }
    guard journal.isWatched, rolledBack[journal.id] == nil else {
      return RunReport.Confirmation(apply: journal.id, state: journal.wasNotConfirmed ? .expired : .void)
    }
    var result = RunReport.Confirmation(
      apply: journal.id, state: .waiting, until: journal.deadline?.moment.at, isInterrupted: journal.isOpen)
    if let pending, pending.apply == journal.id {
      result.state = pending.isOver ? .overdue : .waiting
      result.until = Timestamp(milliseconds: pending.until)
      (result.isWatched, result.watchdog) = (pending.isGuarded, pending.watchdog)
      (result.isWatchdogStopped, result.reason) = (pending.isWatchdogStopped, pending.reason)
    }
    return result
  }
}
