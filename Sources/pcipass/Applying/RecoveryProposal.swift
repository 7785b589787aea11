import Documents
import Execution
import Files
import HostModel
import Hosts
import Planning

/// The plan by which `recover` handles an interrupted run.
struct RecoveryProposal: Proposal {
  let recovery: Recovery
  let direction: RecoveryDirection
  let plan: Plan
  /// Whether the run was not confirmed in time and guards refuse to undo a part of it. That part
  /// stays in effect.
  let isPartial: Bool

  /// - Parameter isUnconfirmed: whether the run is undone because it was not confirmed in time.
  init(_ recovery: Recovery, _ direction: RecoveryDirection, isUnconfirmed: Bool) {
    self.recovery = recovery
    self.direction = direction
    plan = recovery.plan(direction)
    isPartial = isUnconfirmed && !plan.refusals.isEmpty && !recovery.undoable.isEmpty
  }

  /// Whether the run waits for its confirmation after it has ended.
  var isWatched: Bool { direction == .forward && recovery.journal.isWatched }

  /// Records the recovery in the journal, and the state that each step had reached.
  ///
  /// - Returns: the journal with these records.
  func open(in session: Session) throws(Diagnostics) -> (Journal, JournalFile) {
    var journal = recovery.journal
    if isWatched { try Watchdog.resume(over: journal, session) }
    let file = try session.store.append(to: journal.id)
    do throws(JournalFailure) {
      let begin = JournalEntry.recovering(direction, plan, boot: recovery.state.kernel.bootID)
      for entry in [begin] + recovery.entries {
        try file.append(entry)
        journal.lines.append(Journal.Line(.now, entry))
      }
    } catch {
      throw Diagnostics(
        code: "unwritable", "the journal cannot be written: \(error.message); nothing was changed")
    }
    if direction == .forward, let change = journal.header.assignments {
      // The run may have ended before they were recorded.
      try session.host.remember(change)
    }
    return (journal, file)
  }

  func perform(_ executor: Executor) -> Outcome {
    let judge = recovery.judge(of: plan, direction)
    guard direction == .back else { return executor.run(plan.steps, judgedBy: judge) }
    let ids = Set(plan.steps.map(\.id))
    let effects = recovery.effects.filter { isPartial || ids.contains("undo/\($0.step.id)") }
    return executor.back(
      effects, completed: recovery.effects.map(\.step), judgedBy: judge, isPartial: isPartial)
  }
}

extension Session {
  /// The state that the run has reached. First waits for pending requests to guests and their
  /// managers, at most as long as the run would have waited.
  ///
  /// - Parameter isLeft: whether the host is left as it is. Then nothing is waited for.
  func recovery(of journal: Journal, isLeft: Bool) throws(Diagnostics) -> Recovery {
    let unfinished = journal.unfinishedActions
    let first = Recovery(journal, on: try observe())
    if isLeft || first.isOtherBoot || unfinished.isEmpty { return first }
    for (action, since) in unfinished {
      host.settle(action, begun: Moment.now.since(since))
    }
    return Recovery(journal, on: try observe())
  }

  /// Throws `stuck` if an abandoned kernel write is still in progress, because it may take effect
  /// at any time.
  func requireNoUnendedWrite(_ recovery: Recovery) throws(Diagnostics) {
    let writes = unendedWrites
    guard !writes.isEmpty, let found = recovery.findings.first(where: { $0.state != .done }) else {
      return
    }
    throw Diagnostics(
      code: "stuck",
      "process \(writes.map { "\($0)" }.joined(separator: ", ")) is still executing \(found.effect.step.id): "
        + "the step may take effect at any time; nothing was changed",
      help:
        "remove what blocks it (a guest that uses the function, or a driver), or close the run: pcipass recover --leave"
    )
  }
}
