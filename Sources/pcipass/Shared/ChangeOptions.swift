import ArgumentParser
import Documents
import Execution
import HostModel
import Hosts
import Planning
import Reporting

/// How a plan is carried out.
struct ChangeOptions: ParsableArguments {
  @Flag(name: [.long, .short], help: "Do not ask.")
  var yes = false

  @Option(
    name: .customLong("on-failure"),
    help: "When a step fails: undo what was done, or stop and leave it.")
  var onFailure = Executor.OnFailure.undo

  @OptionGroup var waiting: LockOptions
  @OptionGroup var verbosity: VerbosityOptions

  @Option(
    help: ArgumentHelp(
      "How many applies and rollbacks are kept for history and rollback.", valueName: "number"))
  var keep = 100

  @OptionGroup var side: JobsOptions

  mutating func validate() throws {
    if !(10...10_000).contains(keep) { throw ValidationError("--keep is 10 to 10000") }
  }

  /// Shows the plan.
  ///
  /// - Returns: what is asked before it is carried out.
  func question(of plan: Plan) throws -> Session.Question {
    let detail = verbosity.detail
    // No question about what is not shown.
    let shown = detail == .quiet && !yes && !plan.isEmpty ? .normal : detail
    if plan.isEmpty || shown != .quiet || !plan.refusals.isEmpty {
      Terminal.write(PlanText(style: Terminal.output, detail: shown).text(plan))
    }
    guard plan.refusals.isEmpty else { throw refuse(plan) }
    return plan.isEmpty ? .nothing : .ask(plan.question)
  }

  /// Carries the plan out on the host, with everything that is said about it, and reads the host at the end.
  ///
  /// - Parameters:
  ///   - state: what the plan was made from.
  ///   - way: whether it goes towards the manifests, or back from a run.
  ///   - confirmation: undone unless it is confirmed within so many seconds.
  ///   - replan: the plan as it would be now.
  func carryOut(
    _ plan: Plan, of state: HostState, in session: Session, as task: Journal.Task, _ way: StepJudge.Way,
    confirmation: Int? = nil, replan: (HostState) -> Plan
  ) throws {
    let detail = verbosity.detail
    // An operator who lost the terminal by this very apply is helped by the watchdog.
    Interruption.watch(hangup: confirmation == nil)
    let header = header(task, plan, state, session, confirmation: confirmation)
    let file = try orFail { () throws(Diagnostics) in try session.store.begin(header, keep: keep) }
    let journal = Journal(id: file.id, start: .now, header: header)
    if confirmation != nil { try Watchdog.start(over: journal, file, session) }
    if detail != .quiet { Terminal.write("\n") }
    let run = Run(file, plan.steps, jobs: side.jobs, detail, session)
    var outcome = run.executor(on: session.host, onFailure).run(
      plan.steps, judgedBy: StepJudge(plan, way, since: state))
    run.end(&outcome)
    defer { session.end() }
    // Where all went well, what it went well with is read; otherwise everything.
    let actions = plan.steps.map(\.action)
    Terminal.showWaiting("reading the host", detail)
    let after =
      outcome.end == .success
      ? try? session.host.observe(after: actions, since: state) : try? session.host.observe()
    Terminal.write(run.text.text(outcome, journal, after: after))
    if let confirmation, outcome.end == .success || outcome.end == .left {
      Terminal.write(ConfirmationText.next(journal, within: Span.words(confirmation)))
    }
    guard outcome.end == .success else { throw ExitCode.failure }
    if let failure = outcome.journalFailures.first {
      throw fail(
        "unwritable",
        "every step was done, but that \(journal.name) has ended could not be written down: \(failure)",
        help: "make the disk writable, then pcipass recover --forward closes it")
    }
    try report(after.map(replan))
  }

  func header(
    _ task: Journal.Task, _ plan: Plan, _ state: HostState, _ session: Session, confirmation: Int? = nil
  ) -> Journal.Header {
    let options = session.options
    return Journal.Header(
      task: task, plan: plan, onFailure: onFailure, confirmWithin: confirmation,
      run: RunRecord(
        process: .own, libvirt: options.recordedURI(of: session.managers), stepTimeout: options.stepTimeout,
        unplugTimeout: options.unplugTimeout, jobs: side.jobs),
      by: Caller.name, version: Version.text, boot: state.kernel.bootID)
  }

  /// Success is said only when a plan made from the host as it is now is empty.
  private func report(_ left: Plan?) throws {
    guard let left else { throw fail("unreadable", "the host could not be read after the last step") }
    if left.isEmpty, left.refusals.isEmpty { return }
    Terminal.write(PlanText(style: Terminal.output).text(left))
    _ = refuse(left)
    throw fail("not-converged", "every step was done, and \(left.host) still is not as declared")
  }
}

extension Plan {
  var question: String {
    "Carry out \(steps.count == 1 ? "this step" : "these \(steps.count) steps") on \(host)?"
  }
}

/// Prints what stands against the plan.
func refuse(_ plan: Plan) -> ExitCode {
  let text = PlanText(style: Terminal.error)
  Terminal.writeError(plan.refusals.reduce(into: "") { $0 += text.text($1) })
  return .failure
}

extension Executor.OnFailure: ExpressibleByArgument {}

/// What is different between the host a plan was made on and the host now.
func changes(from plan: Plan, to now: Plan) -> [Diagnostic] {
  let facts = Fact.changes(from: plan.facts, to: now.facts)
  let lines = facts.isEmpty ? now.refusals.map(\.message) : facts
  return lines.map { Diagnostic(.note, code: "changed", $0) }
}

extension Diagnostic {
  /// Somebody was asked, and meanwhile what they were asked about has changed.
  static let staleQuestion = Diagnostic(
    code: "stale", "the host has changed since the plan was shown; nothing was done",
    help: "give the same command again: it shows what would be done now")
}
