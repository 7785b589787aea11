import Documents
import Execution
import Files
import HostModel
import Hosts
import Planning

/// What `recover` would do about an interrupted run.
struct RecoveryProposal: Proposal {
  let recovery: Recovery
  let direction: RecoveryDirection
  let plan: Plan
  /// The run was not confirmed in time, and guards refuse to undo a part of it: that part stays.
  let isPartial: Bool

  /// - Parameter isUnconfirmed: whether the run is undone because it was not confirmed in time.
  init(_ recovery: Recovery, _ direction: RecoveryDirection, isUnconfirmed: Bool) {
    self.recovery = recovery
    self.direction = direction
    plan = recovery.plan(direction)
    isPartial = isUnconfirmed && !plan.refusals.isEmpty && !recovery.undoable.isEmpty
  }

  /// The run waits for its confirmation once it has ended.
  var isWatched: Bool { direction == .forward && recovery.journal.isWatched }

  /// Records in the journal that the run is recovered, and how far it had come.
  ///
  /// - Returns: the journal, with the plan of the recovery.
  func open(in session: Session) throws(Diagnostics) -> (Journal, JournalFile) {
    var journal = recovery.journal
    if isWatched { try Watchdog.resume(over: journal, session) }
    let file = try session.store.append(to: journal.id)
    do throws(JournalFailure) {
      try file.append(.recovering(direction, plan, boot: recovery.state.kernel.bootID))
      for entry in recovery.entries { try file.append(entry) }
    } catch {
      throw Diagnostics(
        code: "unwritable", "the journal cannot be written: \(error.message); nothing was changed")
    }
    journal.header.plan = plan
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
  /// How far the run has come. First waits for what guests and managers were asked for, no longer than the run would have.
  ///
  /// - Parameter isLeft: everything stays as it is, so nothing is waited for.
  func recovery(of journal: Journal, isLeft: Bool) throws(Diagnostics) -> Recovery {
    let unfinished = journal.unfinishedActions
    let first = Recovery(journal, on: try observe())
    if isLeft || first.isOtherBoot || unfinished.isEmpty { return first }
    for (action, since) in unfinished {
      host.settle(action, begun: Moment.now.since(since))
    }
    return Recovery(journal, on: try observe())
  }

  /// Throws `stuck` where a kernel write that was given up still goes on: it may take effect at any time.
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
