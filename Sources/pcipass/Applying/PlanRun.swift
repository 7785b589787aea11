import Documents
import Execution
import HostModel
import Hosts
import Planning
import Reporting

/// A plan that is carried out on a host. Apply, rollback and recover share it; its values are what they differ in.
struct PlanRun {
  let session: Session
  let plan: Plan
  let detail: DetailLevel
  /// How many steps may run at the same time.
  let jobs: Int
  var onFailure = Executor.OnFailure.stop
  /// The host that the plan was made from; nil where an interrupted run is recovered.
  var before: HostIndex?
  /// In seconds: the run is undone unless it is confirmed within this time.
  var confirmation: Int?
  /// Begins the journal or continues it, and does everything else that comes before the first step.
  let open: () throws(Diagnostics) -> (Journal, JournalFile)
  /// Does the steps, or undoes them.
  let perform: (Executor) -> Outcome
  /// The end of a run in which no step failed.
  var goal = Outcome.End.success
  /// What is left to do on the host as it is after the last step.
  let remaining: (HostIndex) -> Plan

  private var terminal: Terminal { session.terminal }
  private var isRecovery: Bool { before == nil }

  /// Carries the plan out, prints what happens, and reads the host at the end.
  ///
  /// - Throws: code `not-converged` where every step was done and something is left to do; also `unwritable`, `unreadable`.
  func carryOut() throws -> ExitStatus {
    // The apply may cut off its own terminal. With a watchdog it goes on all the same: that undoes it in time.
    terminal.watchSignals(hangup: !isRecovery && confirmation == nil)
    defer { session.end() }
    let (journal, file) = try open()
    if detail != .quiet { terminal.write("\n") }
    let text = ApplyText(style: terminal.outputStyle, steps: plan.steps, detail: detail)
    var outcome = perform(executor(writing: file, text))
    end(file, &outcome)
    terminal.showWaiting("reading the host", detail)
    let after = observed(after: outcome)
    terminal.write(text.text(outcome, journal, after: after))
    if let confirmation, outcome.end == .success || outcome.end == .left {
      terminal.write(ConfirmationText.next(journal, within: DurationArgument.words(confirmation)))
    }
    guard outcome.end == goal else { return .failure }
    if !isRecovery, let failure = outcome.journalFailures.first {
      throw Diagnostics(
        code: "unwritable",
        "every step was done, but that \(journal.name) has ended could not be written down: \(failure)",
        help: "make the disk writable, then pcipass recover --forward closes it")
    }
    guard let after else {
      throw Diagnostics(code: "unreadable", "the host could not be read after the last step")
    }
    try requireNothingRemaining(on: after)
    return .success
  }

  /// Each entry goes to the journal, then to the terminal.
  private func executor(writing file: JournalFile, _ text: ApplyText) -> Executor {
    let display = StepDisplay(plan.steps, text, session.options.timeouts, on: terminal)
    if detail == .verbose {
      session.trace.setListener { step, words in display.show(.trace(step: step, words)) }
    }
    return Executor(
      host: session.host, order: .jobs(jobs), onFailure: onFailure, stop: { terminal.interruption }
    ) { entry throws(JournalFailure) in
      try file.append(entry)
      display.show(.entry(entry))
    }
  }

  /// Writes down how the run ended. Where that fails, the journal stays open, and the next command finds it.
  private func end(_ file: JournalFile, _ outcome: inout Outcome) {
    guard let end = outcome.end else { return }
    do throws(JournalFailure) { try file.append(.ended(end)) } catch {
      outcome.journalFailures.append(error.message)
    }
  }

  /// Reads only what the steps were about where all of them succeeded, otherwise everything.
  private func observed(after outcome: Outcome) -> HostState? {
    guard outcome.end == .success, let before else { return try? session.host.observe() }
    return try? session.host.observe(after: plan.steps.map(\.action), since: before.state)
  }

  /// Throws unless a plan that is made from this host is empty.
  private func requireNothingRemaining(on state: HostState) throws(CommandFailure) {
    let plan = remaining(HostIndex(state))
    if plan.isEmpty, plan.refusals.isEmpty { return }
    if !isRecovery { terminal.write(PlanText(style: terminal.outputStyle).text(plan)) }
    let goal = isRecovery ? "as it was to be" : "as declared"
    throw CommandFailure(
      refusals: plan.refusals,
      diagnostics: [
        Diagnostic(
          code: "not-converged", "every step was done, and \(plan.host) still is not \(goal)")
      ])
  }
}
