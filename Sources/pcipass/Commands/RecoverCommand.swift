import ArgumentParser
import Documents
import Execution
import Planning
import Reporting

struct RecoverCommand: PcipassCommand {
  static let configuration = CommandConfiguration(
    commandName: "recover", abstract: "Bring an apply or rollback that was interrupted to an end.",
    discussion: """
      After a power cut, a kill, or an undo that failed, the journal says which step was begun. How far that has \
      come is read from the host; then what was done is taken back, or with --forward the rest is done: from the \
      manifests of then, on the host as it is now. Nothing else may change the host before.

      EXIT STATUS:
        0  recovered, or nothing to recover
        1  an error, a refusal, or a step that failed

      EXAMPLES:
        pcipass recover
        pcipass recover --forward --yes
        pcipass recover --leave          neither: what is there stays
        pcipass recover --yes --quiet    for cron, before an apply
      """)

  @OptionGroup var options: HostOptions
  @OptionGroup var waiting: LockOptions
  @OptionGroup var verbosity: VerbosityOptions
  @OptionGroup var side: JobsOptions

  @Flag(exclusivity: .exclusive, help: "Where to go.")
  var direction = RecoveryDirection.back

  @Flag(name: [.long, .short], help: "Do not ask.")
  var yes = false

  @Option(
    help: ArgumentHelp("Undo this apply, unless it was confirmed. For its watchdog.", visibility: .hidden))
  var unconfirmed: Int?

  mutating func validate() throws { try options.checkChangeable() }

  func run(on terminal: Terminal) throws -> ExitStatus {
    let agreement = Agreement(
      isGiven: yes,
      open: {
        try Session(options, waiting, for: task, detail: verbosity.detail, on: terminal) {
          store throws(Diagnostics) in Managers(of: try subject(in: store))
        }
      }, propose: propose, ask: question)
    guard let (session, proposal) = try agreement.reached(on: terminal) else { return .success }
    if direction == .leave { return try leave(proposal, in: session) }
    let status = try run(proposal, in: session).carryOut()
    if status == .success, direction == .back {
      terminal.writeNext("Next: pcipass plan shows what is still to be done.", verbosity.detail)
    }
    return status
  }

  /// Shown by other programs that wait for the lock.
  private var task: String { unconfirmed.map { "undo of apply \($0), which was not confirmed" } ?? "recover" }

  /// The run that is recovered: the open one, or the one that the watchdog names because its time is over.
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
      options.warnOfPending(on: session.terminal)
      return nil
    }
    let recovery = try session.recovery(of: journal, isLeft: direction == .leave)
    try options.check(journal, isFor: recovery.state)
    if direction != .leave { try session.requireNoUnendedWrite(recovery) }
    return RecoveryProposal(recovery, direction, isUnconfirmed: unconfirmed != nil)
  }

  /// Shows what the host looks like, and what would be done.
  private func question(of proposal: RecoveryProposal, in session: Session) throws -> ProposalQuestion {
    let (journal, plan, terminal) = (proposal.recovery.journal, proposal.plan, session.terminal)
    if journal.isOpen { terminal.warn(RecoveryText.diagnostics(proposal.recovery, .warning)) }
    let detail = verbosity.detail
    if direction != .leave, detail != .quiet || !yes || !plan.refusals.isEmpty {
      // A question is asked only about a plan that is shown.
      let shown = detail == .quiet && !yes ? .normal : detail
      terminal.write(PlanText(style: terminal.outputStyle, detail: shown).text(plan))
    }
    if proposal.isPartial {
      terminal.warn(plan.refusals)
      return .goOn
    }
    guard plan.refusals.isEmpty else {
      let other = direction == .back ? "forward" : "back"
      throw CommandFailure(
        refusals: plan.refusals,
        diagnostics: [
          Diagnostic(
            code: "not-recovered", "\(journal.name) cannot be recovered this way; nothing was done",
            help: "clear what is in the way; or the other way, --\(other); or --leave, "
              + "and plan again from what is there")
        ])
    }
    if direction == .leave { return .ask("Leave \(plan.host) as it is?") }
    // The only thing left to do is to record the end of the run.
    return plan.isEmpty ? .goOn : .ask(plan.question)
  }

  private func leave(_ proposal: RecoveryProposal, in session: Session) throws -> ExitStatus {
    defer { session.end() }
    let (journal, file) = try proposal.open(in: session)
    do throws(JournalFailure) { try file.append(.ended(.left)) } catch {
      throw Diagnostics(
        code: "unwritable",
        "the journal cannot be written: \(error.message); \(journal.name) is open still")
    }
    let terminal = session.terminal
    terminal.write("\(journal.name) is closed; \(proposal.plan.host) is as it was left.\n")
    terminal.writeNext("Next: pcipass plan shows what is not as the manifests say.", verbosity.detail)
    return .success
  }

  private func run(_ proposal: RecoveryProposal, in session: Session) -> PlanRun {
    PlanRun(
      session: session, plan: proposal.plan, detail: verbosity.detail, jobs: side.jobs,
      confirmation: proposal.isWatched ? proposal.recovery.journal.header.confirmWithin : nil,
      open: { () throws(Diagnostics) in try proposal.open(in: session) },
      perform: proposal.perform, goal: direction == .back ? .undone : .success,
      remaining: { Recovery(proposal.recovery.journal, on: $0).plan(direction) })
  }
}

extension RecoveryDirection: EnumerableFlag {
  public static func help(for value: RecoveryDirection) -> ArgumentHelp? {
    switch value {
    case .back: "Take back what was done (the default)."
    case .forward: "Do the rest."
    case .leave: "Leave everything as it is, and let others go on from there."
    }
  }
}
