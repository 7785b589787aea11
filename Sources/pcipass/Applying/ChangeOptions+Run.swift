import Documents
import Execution
import Files
import HostModel
import Hosts
import Planning
import Reporting

extension ChangeOptions {
  /// Shows the plan.
  ///
  /// - Parameter notes: the diagnostics that follow the refusals of a refused plan.
  /// - Returns: the question before the plan is executed.
  func question(
    of plan: Plan, for task: RunReport.Kind, on terminal: Terminal, notes: () -> [Diagnostic] = { [] }
  ) throws -> ProposalQuestion {
    let detail = verbosity.detail
    // A plan that needs confirmation is always shown, also with --quiet.
    let shown = detail == .quiet && !yes && !plan.isEmpty ? .normal : detail
    let text = terminal.text(of: plan, shown)
    guard plan.refusals.isEmpty else { throw CommandFailure(refusedBy: plan, text, diagnostics: notes()) }
    if plan.isEmpty || shown != .quiet { terminal.write(text) }
    guard plan.isEmpty else { return .ask(plan.question(task)) }
    if !format.isText { terminal.write(product: RunJSON.text(nothingToDo: task, on: plan.host)) }
    return .nothing
  }

  /// A run of the plan with a new journal.
  ///
  /// - Parameters:
  ///   - observed: the host state that the plan was made from.
  ///   - direction: towards the manifests, or undoing a run.
  ///   - assignments: what the run changes of the remembered assignments.
  ///   - confirmation: the time in seconds after which an unconfirmed run is undone; nil for none.
  ///   - undone: the run that it undoes.
  ///   - success: the exit status if every step is done.
  ///   - remaining: makes the plan that remains for the host after the last step.
  func run(
    _ plan: Plan, of observed: HostIndex, in session: Session, as task: Journal.RunKind,
    _ direction: RunDirection, assignments: AssignmentChange,
    confirmation: Int? = nil, undoing undone: Journal? = nil, success: ExitStatus = .success,
    remaining: @escaping (HostIndex) -> Plan
  ) -> PlanRun {
    PlanRun(
      session: session, plan: plan, detail: verbosity.detail, format: format.format, jobs: side.jobs,
      onFailure: onFailure, before: observed, confirmation: confirmation, success: success,
      open: { () throws(Diagnostics) in
        var header = header(task, plan, observed.state, session, confirmation: confirmation)
        if !assignments.isEmpty { header.assignments = assignments }
        let file = try session.store.begin(header, keep: keep)
        let journal = Journal(id: file.id, start: .now, header: header)
        // What guests get is recorded before the first step, because a guest that does not run cannot show it.
        do throws(Diagnostics) { try session.host.remember(assignments) } catch {
          try? file.append(.ended(.undone))
          throw error
        }
        if confirmation != nil { try Watchdog.start(over: journal, file, session) }
        return (journal, file)
      },
      perform: { $0.run(plan.steps, judgedBy: StepJudge(plan, direction, since: observed)) }, undone: undone,
      remaining: { host, _ in remaining(host) })
  }

  func header(
    _ task: Journal.RunKind, _ plan: Plan, _ state: HostState, _ session: Session, confirmation: Int? = nil
  ) -> Journal.Header {
    let options = session.options
    return Journal.Header(
      task: task, plan: plan, onFailure: onFailure, confirmWithin: confirmation,
      run: RunRecord(
        process: .own, libvirt: options.recordedURI(of: session.managers), stepTimeout: options.stepTimeout,
        unplugTimeout: options.unplugTimeout, jobs: side.jobs),
      by: Caller.name, version: Pcipass.version, boot: state.kernel.bootID)
  }
}
