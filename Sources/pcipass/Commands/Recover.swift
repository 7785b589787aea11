import ArgumentParser
import Documents
import Execution
import HostModel
import Hosts
import Manifests
import Planning
import Reporting

struct Recover: ParsableCommand {
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
  var direction = Direction.back

  enum Direction: String, EnumerableFlag {
    case back, forward, leave

    static func help(for value: Direction) -> ArgumentHelp? {
      switch value {
      case .back: "Take back what was done (the default)."
      case .forward: "Do the rest."
      case .leave: "Leave everything as it is, and let others go on from there."
      }
    }
  }

  @Flag(name: [.long, .short], help: "Do not ask.")
  var yes = false

  @Option(
    help: ArgumentHelp("Undo this apply, unless it was confirmed. For its watchdog.", visibility: .hidden))
  var unconfirmed: Int?

  mutating func validate() throws { try options.checkChangeable() }

  func run() throws {
    let agreed = try Session.agreed(
      yes,
      open: {
        try Session(options, waiting, for: task, detail: verbosity.detail) {
          Managers(of: try subject(in: $0))
        }
      }, propose: propose, ask: { proposal, _ in try question(of: proposal) })
    guard let (session, proposal) = agreed else { return }
    try go(proposal, in: session)
  }

  /// What others are told.
  private var task: String { unconfirmed.map { "undo of apply \($0), which was not confirmed" } ?? "recover" }

  private var way: JournalEntry.Direction { JournalEntry.Direction(direction) }

  /// What is recovered: the run that is open, or that of which the watchdog knows that its time is over.
  private func subject(in store: JournalStore) throws -> Journal? {
    switch try orFail(store.obstacle) {
    case .open(let journal) where unconfirmed == nil || unconfirmed == journal.id: journal
    case .awaitsConfirmation(let journal) where unconfirmed == journal.id: journal
    default: nil
    }
  }

  private struct Proposed: Proposal {
    let recovery: Recovery
    let plan: Plan
    /// Guards refuse a part of the way back of a run that was not confirmed.
    var isPartial = false
  }

  private func propose(in session: Session) throws -> Proposed? {
    guard let journal = try subject(in: session.store) else {
      Terminal.write("Nothing to recover.\n")
      options.warnOfPending()
      return nil
    }
    let recovery = try settled(journal, session)
    try options.check(journal, isFor: recovery.state)
    if way != .leave { try requireNothingPending(recovery, session) }
    let plan = recovery.plan(way)
    let isPartial = unconfirmed != nil && !plan.refusals.isEmpty && !recovery.undoable.isEmpty
    return Proposed(recovery: recovery, plan: plan, isPartial: isPartial)
  }

  /// Shows what would be done, and what the host looks like.
  private func question(of proposal: Proposed) throws -> Session.Question {
    let (journal, plan) = (proposal.recovery.journal, proposal.plan)
    if journal.isOpen { warn(RecoveryText.diagnostics(proposal.recovery, .warning)) }
    let detail = verbosity.detail
    if way != .leave, detail != .quiet || !yes || !plan.refusals.isEmpty {
      // No question about what is not shown.
      let shown = detail == .quiet && !yes ? .normal : detail
      Terminal.write(PlanText(style: Terminal.output, detail: shown).text(plan))
    }
    if proposal.isPartial {
      _ = refuse(plan)
      return .goOn
    }
    guard plan.refusals.isEmpty else {
      _ = refuse(plan)
      throw fail(
        "not-recovered", "\(journal.name) cannot be recovered this way; nothing was done",
        help:
          "clear what is in the way; or the other way, --\(way == .back ? "forward" : "back"); or --leave, "
          + "and plan again from what is there")
    }
    if direction == .leave { return .ask("Leave \(plan.host) as it is?") }
    // What is left to be done is to write down that it is over.
    return plan.isEmpty ? .goOn : .ask(plan.question)
  }

  /// What there is to be done, when what others were asked for is done, or will not be done any more.
  private func settled(_ journal: Journal, _ session: Session) throws -> Recovery {
    let unseen = journal.unseen
    let first = Recovery(journal, on: try session.observe())
    if direction == .leave || first.isOtherBoot || unseen.isEmpty { return first }
    for (action, since) in unseen {
      session.host.settle(action, begun: Moment.now.since(since))
    }
    return Recovery(journal, on: try session.observe())
  }

  /// A write that was given up and goes on may still take effect, and nothing can be told of it before.
  private func requireNothingPending(_ recovery: Recovery, _ session: Session) throws {
    let writes = session.unendedWrites
    guard !writes.isEmpty, let found = recovery.findings.first(where: { $0.state != .done }) else {
      return
    }
    throw fail(
      "stuck",
      "process \(writes.map { "\($0)" }.joined(separator: ", ")) is still at \(found.effect.step.id): "
        + "it may take effect at any time; nothing was done",
      help: "end what holds it up (a guest that has the function, a driver); or pcipass recover --leave")
  }

  private func go(_ proposal: Proposed, in session: Session) throws {
    let (recovery, plan) = (proposal.recovery, proposal.plan)
    let journal = recovery.journal
    let isWatched = way == .forward && journal.isWatched
    if isWatched { try Watchdog.resume(over: journal, session) }
    let file = try orFail { () throws(Diagnostics) in try session.store.append(to: journal.id) }
    do throws(JournalFailure) {
      try file.append(.recovering(way, plan, boot: recovery.state.kernel.bootID))
      for entry in recovery.entries { try file.append(entry) }
    } catch {
      throw fail("unwritable", "the journal cannot be written: \(error.message); nothing was done")
    }
    defer { session.end() }
    if way == .leave {
      do throws(JournalFailure) { try file.append(.ended(.left)) } catch {
        throw fail(
          "unwritable", "the journal cannot be written: \(error.message); \(journal.name) is open still")
      }
      Terminal.write("\(journal.name) is closed; \(plan.host) is as it was left.\n")
      Terminal.writeNext("Next: pcipass plan shows what is not as the manifests say.", verbosity.detail)
      return
    }
    let detail = verbosity.detail
    if detail != .quiet { Terminal.write("\n") }
    let run = Run(file, plan.steps, jobs: side.jobs, detail, session)
    Interruption.watch(hangup: false)
    let executor = run.executor(on: session.host, .stop)
    var outcome: Outcome
    if way == .back {
      let ids = Set(plan.steps.map(\.id))
      let effects = recovery.effects.filter { proposal.isPartial || ids.contains("undo/\($0.step.id)") }
      outcome = executor.back(
        effects, completed: recovery.effects.map(\.step),
        judgedBy: recovery.judge(of: plan, way), isPartial: proposal.isPartial)
    } else {
      outcome = executor.run(plan.steps, judgedBy: recovery.judge(of: plan, way))
    }
    run.end(&outcome)
    Terminal.showWaiting("reading the host", detail)
    let after = try? session.host.observe()
    var recovered = journal
    recovered.header.plan = plan
    Terminal.write(run.text.text(outcome, recovered, after: after))
    if isWatched, let seconds = journal.header.confirmWithin, outcome.end == .success || outcome.end == .left
    {
      Terminal.write(ConfirmationText.next(journal, within: Span.words(seconds)))
    }
    guard outcome.end == (way == .back ? .undone : .success) else { throw ExitCode.failure }
    guard let after else {
      throw fail("unreadable", "the host could not be read after the last step")
    }
    let left = Recovery(journal, on: after).plan(way)
    guard left.isEmpty, left.refusals.isEmpty else {
      _ = refuse(left)
      throw fail("not-converged", "every step was done, and \(left.host) still is not as it was to be")
    }
    if way == .back { Terminal.writeNext("Next: pcipass plan shows what is still to be done.", detail) }
  }
}

extension JournalEntry.Direction {
  fileprivate init(_ direction: Recover.Direction) {
    self =
      switch direction {
      case .back: .back
      case .forward: .forward
      case .leave: .leave
      }
  }
}
