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
    var journal: Journal?
    let session = try Session(options, change.waiting, for: "rollback", detail: change.verbosity.detail) {
      store in
      if saved == nil { journal = try id.map { try store.required($0) } ?? store.last() }
      return (saved ?? journal?.header.plan)?.request.guests ?? []
    }
    try session.requireNothingOpen(forRollbackOf: journal?.id)
    let state = try session.observe()
    guard let plan = saved ?? journal?.doings else {
      throw fail("nothing-to-roll-back", "there is no apply on this host that is not taken back")
    }
    try options.check(plan, isFor: state)
    if let other = target.first(where: { !plan.has($0) }) {
      throw fail(
        "no-target", "\(journal?.name ?? "this plan") has done nothing about \(other)",
        help: plan.targets.isEmpty
          ? nil : "it was about " + plan.targets.map(\.description).joined(separator: ", "))
    }
    // What was not confirmed was never meant to be.
    let isFinal = !(journal?.awaitsConfirmation ?? false)
    let back = Planner.rollback(of: plan, on: state, targets: target, isFinal: isFinal)
    if let journal, target.isEmpty, back.isEmpty, back.refusals.isEmpty {
      try close(journal, back, state, session)
    }
    do {
      try change.carryOut(
        back, of: state, in: session, as: .rollback(of: journal?.id, only: target), .back(isFinal: isFinal)
      ) { Planner.rollback(of: plan, on: $0, targets: target, isFinal: isFinal) }
    } catch {
      if target.isEmpty, !back.refusals.isEmpty { tellRest(of: plan, back, on: state) }
      throw error
    }
  }

  /// Nothing of it is left, which somebody may have seen to by hand: it is written down, and waits for nobody any more.
  private func close(
    _ journal: Journal, _ plan: Plan, _ state: HostState, _ session: Session
  ) throws {
    guard try orFail(session.store.all).takenBack[journal.id] == nil else { return }
    let header = change.header(.rollback(of: journal.id, only: []), plan, state)
    let file = try orFail { () throws(Diagnostics) in
      try session.store.begin(header, keep: change.keep)
    }
    do throws(JournalFailure) { try file.append(.ended(.success)) } catch {
      throw fail("unwritable", "the journal cannot be written: \(error.message)")
    }
  }

  /// What of a plan that is refused as a whole would go.
  private func tellRest(of plan: Plan, _ back: Plan, on state: HostState) {
    let targets = Planner.separable(plan, on: state, without: back.refusals)
    guard !targets.isEmpty else { return }
    let words = targets.map { "--target \($0)" }.joined(separator: " ")
    warn([
      Diagnostic(
        .note, code: "separable", "the rest of it can be taken back without that",
        help: "pcipass rollback \(what.map { printable($0) + " " } ?? "")\(words)")
    ])
  }
}
