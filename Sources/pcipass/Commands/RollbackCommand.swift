import ArgumentParser
import Documents
import Execution
import HostModel
import Hosts
import Planning

struct RollbackCommand: PcipassCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback", abstract: "Roll back an apply.",
    discussion: """
      A rollback applies the inverse steps, last first. It is shown, approved and recorded like an apply, \
      and can itself be rolled back. If a result of the apply has changed since, pcipass refuses \
      the rollback and shows the changes; --target rolls back the other parts. A saved plan that was \
      applied can be named instead of a number.

      EXIT STATUS:
        0  undone, or no step of the apply is in effect
        1  an error; nothing was changed
        3  a guard refused the rollback; nothing was changed
        4  a step failed, and the rollback was undone
        5  an operator is needed: a step is stuck, an undo is incomplete, a run is interrupted
        6  another apply is waiting for confirmation
        75 another pcipass holds the lock

      EXAMPLES:
        pcipass rollback                     the last apply that is still in effect
        pcipass rollback 17
        pcipass rollback 17 --target nic/lan
        pcipass rollback today.plan
      """)

  @OptionGroup var options: HostOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var output: OutputOptions

  @Option(
    help: ArgumentHelp(
      "Roll back only this NIC or guest: nic/NAME, nic/POOL/PORT or guest/NAME. Can be repeated.",
      valueName: "kind/name"),
    completion: .targets, transform: Target.parse)
  var target: [Target] = []

  @Argument(
    help: ArgumentHelp(
      "The number of an apply or rollback, or a saved plan. Default: the last apply that is still in effect.",
      valueName: "id|plan"),
    completion: .journalsAndPlans)
  var what: String?

  var outputFormat: OutputFormat { change.format.format }
  var changesHost: Bool { true }

  mutating func validate() throws { try options.checkChangeable() }

  func run(on terminal: Terminal) throws -> ExitStatus {
    // An argument of digits is the number of a run. A file of that name can be written as ./17.
    let id = what.flatMap { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int($0) : nil }
    let saved = try id == nil ? what.map { path throws(Diagnostics) in try SavedPlan.read(path) } : nil
    let agreement = Agreement(
      isGiven: change.yes,
      open: {
        try Session(options, change.waiting, for: "rollback", detail: change.verbosity.detail, on: terminal) {
          store throws(Diagnostics) in
          if let saved { return Managers(of: saved.request) }
          return Managers(of: try journal(id, in: store))
        }
      },
      propose: { try propose(saved, id, in: $0) },
      ask: { proposal, session in
        if let journal = proposal.journal, target.isEmpty, proposal.plan.isEmpty,
          proposal.plan.refusals.isEmpty
        {
          try session.host.remember(proposal.assignments)
          try close(journal, proposal.plan, proposal.host.state, session)
        }
        return try change.question(of: proposal.plan, for: .rollback, on: terminal) { rest(of: proposal) }
      })
    guard let (session, proposal) = try agreement.reached(on: terminal) else { return .success }
    let isFinal = proposal.isFinal
    return try change.run(
      proposal.plan, of: proposal.host, in: session,
      as: .rollback(of: proposal.journal?.id, only: proposal.targets),
      .back(isFinal: isFinal), assignments: proposal.assignments, undoing: proposal.undone
    ) { Planner.rollback(of: proposal.subject, on: $0, targets: proposal.targets, isFinal: isFinal) }
    .execute()
  }

  private struct Proposed: Proposal {
    let plan: Plan
    let host: HostIndex
    let journal: Journal?
    /// The last run of that plan; nil if its journal is gone.
    let undone: Journal?
    /// The plan whose steps are rolled back.
    let subject: Plan
    /// The parts to roll back; all if empty.
    let targets: [Target]
    /// What the rollback changes of the remembered assignments.
    let assignments: AssignmentChange
    /// False for an apply that still waits for its confirmation.
    let isFinal: Bool
  }

  private func journal(_ id: Int?, in store: JournalStore) throws(Diagnostics) -> Journal? {
    if let id { return try store.required(id) }
    return try store.lastInEffect()
  }

  private func propose(_ saved: Plan?, _ id: Int?, in session: Session) throws -> Proposed {
    let journal = try saved == nil ? journal(id, in: session.store) : nil
    try session.requireNothingOpen(forRollbackOf: journal?.id)
    let host = try session.observe()
    guard let subject = saved ?? journal?.planOfEffects else {
      throw Diagnostics(
        code: "nothing-to-roll-back", "every apply on this host is rolled back already, or none was made")
    }
    if let journal {
      try options.check(journal, isFor: host.state)
    } else {
      try options.check(subject, isFor: host.state)
    }
    let targets = target.map { subject.resolved($0, on: host) }
    if let other = targets.first(where: { !subject.has($0) }) {
      throw Diagnostics(
        code: "no-target", "\(journal?.name ?? "this plan") did not change \(other)",
        help: subject.targets.isEmpty
          ? nil : "it changed: " + subject.targets.map(\.description).joined(separator: ", "))
    }
    let isFinal = !(journal?.awaitsConfirmation ?? false)
    let back = Planner.rollback(of: subject, on: host, targets: targets, isFinal: isFinal)
    let undone = try journal ?? session.store.lastApply(of: subject)
    let change = undone?.header.assignments ?? .none
    return Proposed(
      plan: back, host: host, journal: journal, undone: undone, subject: subject, targets: targets,
      assignments: subject.part(of: change, targets).inverse, isFinal: isFinal)
  }

  /// Records a rollback without steps if nothing of the apply is in effect, so that the apply no
  /// longer waits for its confirmation.
  private func close(
    _ journal: Journal, _ plan: Plan, _ state: HostState, _ session: Session
  ) throws(Diagnostics) {
    guard try session.store.all().rolledBack[journal.id] == nil else { return }
    let header = change.header(.rollback(of: journal.id, only: []), plan, state, session)
    let file = try session.store.begin(header, keep: change.keep)
    do throws(JournalFailure) {
      if let change = journal.bootChange?.inverse, let record = session.bootRecord {
        try file.append(.recorded(BootChange(of: record, by: change)))
      }
      try file.append(.ended(.success))
    } catch {
      throw Diagnostics(code: "unwritable", "the journal cannot be written: \(error.message)")
    }
    session.updateBootRecord(seeing: nil)
  }

  /// A note on the parts that can be rolled back separately if the whole rollback is refused.
  private func rest(of proposal: Proposed) -> [Diagnostic] {
    guard target.isEmpty else { return [] }
    let targets = Planner.independentlyUndoable(
      proposal.subject, on: proposal.host, without: proposal.plan.refusals)
    guard !targets.isEmpty else { return [] }
    let words = targets.map { "--target \($0)" }.joined(separator: " ")
    return [
      Diagnostic(
        .note, code: "separable", "the other NICs and guests can be rolled back separately",
        help: "pcipass rollback \(what.map { printable($0) + " " } ?? "")\(words)")
    ]
  }
}
