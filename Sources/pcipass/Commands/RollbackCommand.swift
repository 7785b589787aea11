import ArgumentParser
import Documents
import Execution
import HostModel
import Hosts
import Manifests
import Planning

struct RollbackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback", abstract: "Take back an apply, or a saved plan that was applied.",
    discussion: """
      The inverses of its steps, last first, shown and asked for like any plan. What has changed since is \
      not touched: the rollback is refused and says what is in the way; --target takes back the rest. A rollback \
      is in the history like an apply, and can be taken back like one.

      EXIT STATUS:
        0  taken back, or nothing of it is left
        1  an error, a refusal, or a step that failed

      EXAMPLES:
        pcipass rollback                     the last that is not taken back yet
        pcipass rollback 17
        pcipass rollback 17 --target nic/lan
        pcipass rollback today.plan
      """)

  @OptionGroup var options: HostOptions
  @OptionGroup var change: ChangeOptions

  @Option(
    help: ArgumentHelp(
      "Only this NIC or guest: nic/NAME or guest/NAME. May be given several times.", valueName: "kind/name"),
    completion: .targets, transform: Target.parse)
  var target: [Target] = []

  @Argument(
    help: ArgumentHelp(
      "The number of an apply or rollback, or a plan's file. Left out: the last apply that is not taken back.",
      valueName: "id|plan"),
    completion: .journalsAndPlans)
  var what: String?

  mutating func validate() throws { try options.checkChangeable() }

  func run() throws {
    // A file whose name is a number can be given as ./17.
    let id = what.flatMap { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int($0) : nil }
    let saved = try id == nil ? what.map { try SavedPlan.read($0) } : nil
    let agreed = try Session.agreed(
      change.yes,
      open: {
        try Session(options, change.waiting, for: "rollback", detail: change.verbosity.detail) { store in
          try saved.map { Managers(of: $0.request.guests) } ?? Managers(of: journal(id, in: store))
        }
      },
      propose: { try propose(saved, id, in: $0) },
      ask: { proposal, session in
        if let journal = proposal.journal, target.isEmpty, proposal.plan.isEmpty,
          proposal.plan.refusals.isEmpty
        {
          try close(journal, proposal.plan, proposal.state, session)
        }
        do { return try change.question(of: proposal.plan) } catch {
          if target.isEmpty, !proposal.plan.refusals.isEmpty { tellRest(of: proposal) }
          throw error
        }
      })
    guard let (session, proposal) = agreed else { return }
    let isFinal = proposal.isFinal
    try change.carryOut(
      proposal.plan, of: proposal.state, in: session, as: .rollback(of: proposal.journal?.id, only: target),
      .back(isFinal: isFinal)
    ) { Planner.rollback(of: proposal.subject, on: $0, targets: target, isFinal: isFinal) }
  }

  private struct Proposed: Proposal {
    let plan: Plan
    let state: HostState
    let journal: Journal?
    /// What is rolled back.
    let subject: Plan
    /// What was not confirmed was never meant to be.
    let isFinal: Bool
  }

  private func journal(_ id: Int?, in store: JournalStore) throws -> Journal? {
    try id.map { try store.required($0) } ?? store.last()
  }

  private func propose(_ saved: Plan?, _ id: Int?, in session: Session) throws -> Proposed {
    let journal = try saved == nil ? journal(id, in: session.store) : nil
    try session.requireNothingOpen(forRollbackOf: journal?.id)
    let state = try session.observe()
    guard let subject = saved ?? journal?.doings else {
      throw fail("nothing-to-roll-back", "there is no apply on this host that is not rolled back")
    }
    if let journal {
      try options.check(journal, isFor: state)
    } else {
      try options.check(subject, isFor: state)
    }
    if let other = target.first(where: { !subject.has($0) }) {
      throw fail(
        "no-target", "\(journal?.name ?? "this plan") has done nothing about \(other)",
        help: subject.targets.isEmpty
          ? nil : "it was about " + subject.targets.map(\.description).joined(separator: ", "))
    }
    let isFinal = !(journal?.awaitsConfirmation ?? false)
    let back = Planner.rollback(of: subject, on: state, targets: target, isFinal: isFinal)
    return Proposed(plan: back, state: state, journal: journal, subject: subject, isFinal: isFinal)
  }

  /// Nothing of it is left, as by hand: that is written down, and it waits for no confirmation any more.
  private func close(
    _ journal: Journal, _ plan: Plan, _ state: HostState, _ session: Session
  ) throws {
    guard try orFail(session.store.all).takenBack[journal.id] == nil else { return }
    let header = change.header(.rollback(of: journal.id, only: []), plan, state, session)
    let file = try orFail { () throws(Diagnostics) in
      try session.store.begin(header, keep: change.keep)
    }
    do throws(JournalFailure) { try file.append(.ended(.success)) } catch {
      throw fail("unwritable", "the journal cannot be written: \(error.message)")
    }
  }

  /// What of a plan that is refused as a whole would go.
  private func tellRest(of proposal: Proposed) {
    let targets = Planner.separable(
      proposal.subject, on: proposal.state, without: proposal.plan.refusals)
    guard !targets.isEmpty else { return }
    let words = targets.map { "--target \($0)" }.joined(separator: " ")
    warn([
      Diagnostic(
        .note, code: "separable", "the rest of it can be taken back without that",
        help: "pcipass rollback \(what.map { printable($0) + " " } ?? "")\(words)")
    ])
  }
}
