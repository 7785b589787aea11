import ArgumentParser
import Documents
import Execution
import Planning
import Reporting

struct RecoverCommand: PcipassCommand {
  static let configuration = CommandConfiguration(
    commandName: "recover", abstract: "Undo or complete an interrupted apply or rollback.",
    discussion: """
      After a power failure, a kill, or an undo that failed, the journal shows which step was started. \
      pcipass reads from the host how far that step got, and then undoes the finished steps. With \
      --forward it applies the remaining steps instead, from the manifests of the interrupted run. No \
      other command changes the host until the recovery is done.

      EXIT STATUS:
        0  recovered, or there was nothing to recover
        1  an error; nothing was changed
        4  --forward failed, and everything was undone
        5  an operator is still needed
        75 another pcipass holds the lock

      EXAMPLES:
        pcipass recover
        pcipass recover --forward --yes
        pcipass recover --leave          keep the host as it is
        pcipass recover --yes --quiet    for cron, before an apply
      """)

  @OptionGroup var options: HostOptions
  @OptionGroup var waiting: LockOptions
  @OptionGroup var verbosity: VerbosityOptions
  @OptionGroup var side: JobsOptions
  @OptionGroup var output: OutputOptions

  @Flag(exclusivity: .exclusive, help: "What to do with the interrupted run.")
  var direction = RecoveryDirection.back

  @Flag(name: [.long, .short], help: "Do not ask for approval.")
  var yes = false

  @Option(help: "The output format: json prints one document at the end, and needs --yes.")
  var format = FormatArgument<TextOrJSON>.text

  @Option(
    help: ArgumentHelp("Undo this apply unless it was confirmed; used by its watchdog.", visibility: .hidden))
  var unconfirmed: Int?

  var outputFormat: OutputFormat { format.format }
  var changesHost: Bool { true }

  mutating func validate() throws {
    try options.checkChangeable()
    try format.check(yes: yes)
  }

  func run(on terminal: Terminal) throws -> ExitStatus {
    let agreement = Agreement(
      isGiven: yes,
      open: {
        try Session(options, waiting, for: task, detail: verbosity.detail, on: terminal) {
          store throws(Diagnostics) in
          let journal = try subject(in: store)
          return Managers(of: journal, for: journal?.request.part ?? .everything)
        }
      }, propose: propose, ask: question)
    guard let (session, proposal) = try agreement.reached(on: terminal) else { return .success }
    if direction == .leave { return try leave(proposal, in: session) }
    let status = try run(proposal, in: session).execute()
    if status == .success, direction == .back {
      terminal.writeNext("Next: pcipass plan shows what differs from the manifests.", verbosity.detail)
    }
    return status
  }

  /// The purpose of the session, which other processes show while they wait for the lock.
  private var task: String { unconfirmed.map { "undo of apply \($0), which was not confirmed" } ?? "recover" }

  /// The run to recover: the open run, or the run that the watchdog names because its time is over.
  private func subject(in store: JournalStore) throws(Diagnostics) -> Journal? {
    switch try store.obstacle() {
    case .open(let journal) where unconfirmed == nil || unconfirmed == journal.id: journal
    case .awaitsConfirmation(let journal) where unconfirmed == journal.id: journal
    default: nil
    }
  }

  private func propose(in session: Session) throws -> RecoveryProposal? {
    guard let journal = try subject(in: session.store) else {
      session.terminal.write("Nothing to recover.\n")
      if !format.isText {
        session.terminal.write(product: RunJSON.text(nothingToDo: .recover, on: options.hostName))
      }
      options.warnOfPending(on: session.terminal)
      return nil
    }
    let recovery = try session.recovery(of: journal, isLeft: direction == .leave)
    try options.check(journal, isFor: recovery.state)
    if direction != .leave { try session.requireNoUnendedWrite(recovery) }
    return RecoveryProposal(recovery, direction, isUnconfirmed: unconfirmed != nil)
  }

  /// Shows the interrupted run and the plan of the recovery, and returns the question.
  private func question(of proposal: RecoveryProposal, in session: Session) throws -> ProposalQuestion {
    let (journal, plan, terminal) = (proposal.recovery.journal, proposal.plan, session.terminal)
    if journal.isOpen { terminal.warn(RecoveryText.diagnostics(proposal.recovery, .warning)) }
    let detail = verbosity.detail
    // A plan that needs confirmation is always shown, also with --quiet.
    let shown = detail == .quiet && !yes ? .normal : detail
    let text = terminal.text(of: plan, shown)
    if proposal.isPartial {
      terminal.warn(plan.refusals)
      terminal.write(text)
      return .goOn
    }
    guard plan.refusals.isEmpty else {
      let other = direction == .back ? "forward" : "back"
      throw CommandFailure(
        refusedBy: plan, text,
        diagnostics: [
          Diagnostic(
            code: "not-recovered", "\(journal.name) cannot be recovered this way; nothing was changed",
            help:
              "remove the cause; or recover in the other direction: pcipass recover --\(other); or keep the host as it is "
              + "and plan again: pcipass recover --leave")
        ])
    }
    if direction != .leave, detail != .quiet || !yes { terminal.write(text) }
    if direction == .leave { return .ask("Keep \(plan.host) as it is and close \(journal.name)?") }
    // The only thing left to do is to record the end of the run.
    return plan.isEmpty ? .goOn : .ask(plan.question(.recover))
  }

  private func leave(_ proposal: RecoveryProposal, in session: Session) throws -> ExitStatus {
    defer { session.end() }
    let (journal, file) = try proposal.open(in: session)
    let host = proposal.recovery.host
    let change = journal.bootChange(
      of: session.bootRecord ?? BootRecord(), ending: .left, undoing: try session.undone(by: journal),
      on: host, without: Planner.plan(ResolvedRequest(journal.request.remaining, on: host)))
    do throws(JournalFailure) {
      if !change.isEmpty { try file.append(.recorded(change)) }
      try file.append(.ended(.left))
    } catch {
      throw Diagnostics(
        code: "unwritable",
        "the journal cannot be written: \(error.message); \(journal.name) is still open")
    }
    session.updateBootRecord(seeing: host)
    let terminal = session.terminal
    let closed = try session.store.required(journal.id)
    let report = session.context(with: closed).report(closed)
    try terminal.write(
      Rendering(
        text: { "\(journal.name) is closed. Nothing was changed on \(proposal.plan.host).\n" },
        json: { RunJSON.text(report, of: closed) }), as: format.format)
    options.log(report, .success)
    terminal.writeNext("Next: pcipass plan shows what differs from the manifests.", verbosity.detail)
    return .success
  }

  private func run(_ proposal: RecoveryProposal, in session: Session) -> PlanRun {
    PlanRun(
      session: session, plan: proposal.plan, detail: verbosity.detail, format: format.format,
      jobs: side.jobs,
      confirmation: proposal.isWatched ? proposal.recovery.journal.header.confirmWithin : nil,
      open: { () throws(Diagnostics) in try proposal.open(in: session) },
      perform: proposal.perform, undone: (try? session.undone(by: proposal.recovery.journal)) ?? nil,
      goal: direction == .back ? .undone : .success,
      remaining: { host, journal in
        // What was undone is compared with what the run had done. What was completed includes the steps of the
        // recovery, which may have changed the results of earlier steps.
        Recovery(direction == .back ? proposal.recovery.journal : journal, on: host).plan(direction)
      })
  }
}

extension RecoveryDirection: EnumerableFlag {
  public static func help(for value: RecoveryDirection) -> ArgumentHelp? {
    switch value {
    case .back: "Undo the finished steps (default)."
    case .forward: "Apply the remaining steps."
    case .leave: "Leave the host as it is, and close the journal of the run."
    }
  }
}
