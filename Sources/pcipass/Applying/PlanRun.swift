import Documents
import Execution
import Files
import HostModel
import Hosts
import Planning
import Reporting

/// A plan that is executed on a host. Apply, rollback and recover use it with different values.
struct PlanRun {
  let session: Session
  let plan: Plan
  let detail: DetailLevel
  /// The format of the result.
  let format: OutputFormat
  /// The largest number of steps that run at the same time.
  let jobs: Int
  var onFailure = Executor.OnFailure.stop
  /// The host that the plan was made from; nil where an interrupted run is recovered.
  var before: HostIndex?
  /// The time in seconds after which an unconfirmed run is undone; nil for none.
  var confirmation: Int?
  /// The exit status if every step is done.
  var success = ExitStatus.success
  /// Starts or continues the journal, and starts the watchdog if the run needs one.
  let open: () throws(Diagnostics) -> (Journal, JournalFile)
  /// Executes the steps, or undoes them.
  let perform: (Executor) -> Outcome
  /// The run whose change of the boot record this run reverses; nil for an apply.
  var undone: Journal?
  /// The end that counts as success.
  var goal = Outcome.End.success
  /// Makes the plan that remains for the host after the last step, from the journal of the run.
  let remaining: (HostIndex, Journal) -> Plan

  private var terminal: Terminal { session.terminal }
  private var isRecovery: Bool { before == nil }

  /// Executes the plan, prints the progress, reads the host at the end, and prints the result.
  ///
  /// - Throws: an error if no step was started.
  func execute() throws -> ExitStatus {
    // The apply may disconnect its own terminal. With a watchdog, SIGHUP does not stop the apply,
    // because the watchdog undoes it in time.
    terminal.watchSignals(hangup: !isRecovery && confirmation == nil)
    defer { session.end() }
    var (journal, file) = try open()
    if detail != .quiet { terminal.write("\n") }
    let text = ApplyText(style: terminal.outputStyle, steps: plan.steps, detail: detail)
    let display = StepDisplay(plan.steps, text, session.options.timeouts, on: terminal)
    var outcome = perform(
      executor(display) { entry throws(JournalFailure) in
        journal.lines.append(Journal.Line(.now, entry))
        try file.append(entry)
      })
    restoreAssignments(journal, after: outcome)
    terminal.showWaiting("reading the host", detail)
    let after = observed(after: outcome)
    terminal.endWaiting()
    let left = after.flatMap { after in
      outcome.end == goal || outcome.end == .left ? remaining(HostIndex(after), journal) : nil
    }
    end(file, &journal, &outcome, recording: bootChange(after: outcome, journal, on: after, without: left))
    session.updateBootRecord(seeing: after.map { HostIndex($0) })
    let failure = failure(after: outcome, journal, on: after, left)
    let report = session.context(with: journal).report(journal)
    let status = status(outcome, failure)
    try terminal.write(
      Rendering(
        text: {
          terminal.wrapped(text.text(outcome, of: plan, journal, after: after) + next(journal, outcome))
        },
        json: { RunJSON.text(report, of: journal, on: after, failure.refusals, failure.diagnostics) }),
      as: format)
    terminal.print(failure)
    session.options.log(report, status)
    return status
  }

  /// The executor, which writes each entry to the journal first and then to the terminal.
  private func executor(_ display: StepDisplay, record: @escaping EntryWriter) -> Executor {
    if detail == .verbose {
      session.trace.setListener { step, words in display.show(.trace(step: step, words)) }
    }
    return Executor(
      host: session.host, order: .jobs(jobs), onFailure: onFailure, stop: { terminal.interruption }
    ) { entry throws(JournalFailure) in
      try record(entry)
      display.show(.entry(entry))
    }
  }

  /// Restores what was remembered of assignments before the run, except for functions that are not as they were
  /// then.
  private func restoreAssignments(_ journal: Journal, after outcome: Outcome) {
    guard let change = journal.header.assignments, [.undone, .partlyUndone].contains(outcome.end) else {
      return
    }
    let left = Set(journal.effects.compactMap(\.action.function))
    do throws(Diagnostics) { try session.host.remember(change.leaving(left).inverse) } catch {
      terminal.warn([
        Diagnostic(
          .warning, code: "unwritable",
          "what pcipass assigned before the run cannot be recorded: \(error.message)",
          help: "use --reassign, or start the guests before the next apply")
      ])
    }
  }

  /// Records how the run ended. If that fails, the journal stays open, and the next command reports
  /// it.
  private func end(
    _ file: JournalFile, _ journal: inout Journal, _ outcome: inout Outcome, recording change: BootChange
  ) {
    guard let end = outcome.end else { return }
    let entries = (change.isEmpty ? [] : [JournalEntry.recorded(change)]) + [.ended(end)]
    for entry in entries {
      journal.lines.append(Journal.Line(.now, entry))
      do throws(JournalFailure) { try file.append(entry) } catch {
        return outcome.journalFailures.append(error.message)
      }
    }
  }

  /// What the run changes of the boot record.
  private func bootChange(
    after outcome: Outcome, _ journal: Journal, on state: HostState?, without left: Plan?
  ) -> BootChange {
    guard let end = outcome.end, let state, let left, let record = session.bootRecord else {
      return BootChange()
    }
    return journal.bootChange(of: record, ending: end, undoing: undone, on: HostIndex(state), without: left)
  }

  /// The line about the confirmation after an apply with `--confirm-within`; empty without one.
  private func next(_ journal: Journal, _ outcome: Outcome) -> String {
    guard let confirmation, outcome.end == .success || outcome.end == .left else { return "" }
    return ConfirmationText.next(journal, within: DurationArgument.words(confirmation))
  }

  /// The host after the run. If all steps succeeded, only the parts that they changed are read
  /// again.
  private func observed(after outcome: Outcome) -> HostState? {
    guard outcome.end == .success, let before else { return try? session.host.observe() }
    return try? session.host.observe(after: plan.steps.map(\.action), since: before.state)
  }

  /// The problems of a run in which no step failed: a journal that cannot be closed, a host that
  /// cannot be read, or remaining steps.
  private func failure(
    after outcome: Outcome, _ journal: Journal, on state: HostState?, _ left: Plan?
  ) -> CommandFailure {
    guard outcome.end == goal else { return CommandFailure() }
    if !isRecovery, let failure = outcome.journalFailures.first {
      return CommandFailure(
        diagnostics: [
          Diagnostic(
            code: "unwritable",
            "every step is done, but the end of \(journal.name) could not be recorded: \(failure)",
            help: "make the disk writable, then close it with: pcipass recover --forward")
        ], atLeast: .needsOperator)
    }
    guard state != nil, let plan = left else {
      return CommandFailure(
        diagnostics: [Diagnostic(code: "unreadable", "the host could not be read after the last step")],
        atLeast: .needsOperator)
    }
    if plan.isEmpty, plan.refusals.isEmpty { return CommandFailure() }
    if !isRecovery { terminal.write(terminal.text(of: plan)) }
    let goal = isRecovery ? "as it was before the run" : "in sync"
    return CommandFailure(
      refusedBy: plan,
      diagnostics: [
        Diagnostic(code: "not-converged", "every step is done, and \(plan.host) is still not \(goal)")
      ])
  }

  private func status(_ outcome: Outcome, _ failure: CommandFailure) -> ExitStatus {
    if outcome.end == goal { return failure.isEmpty ? success : failure.status }
    guard outcome.end == .undone else { return .needsOperator }
    if outcome.failure?.failure.kind == .stopped, let signal = terminal.signal { return .stopped(by: signal) }
    guard outcome.hasChangedNothing else { return .undone }
    return outcome.failure?.failure.refusal == nil ? .failure : .refused
  }
}
