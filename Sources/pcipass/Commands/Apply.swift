import ArgumentParser
import Documents
import Execution
import HostModel
import Hosts
import Manifests
import Planning
import Reporting

struct Apply: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Make the host as the manifests say, step by step, each read back.",
    discussion: """
      Given a saved plan, exactly that plan is carried out, or refused as stale with what has changed. \
      A failed step is undone, with all that was done before it; so is all on Ctrl-C, when the step in hand has \
      ended. With --confirm-within everything is rolled back unless pcipass confirm is given in time, by an operator \
      who can still reach the host. That holds for a run of which a step failed and --on-failure stop left the rest, too.

      EXIT STATUS:
        0  done and read back, or nothing to do
        1  an error, a refusal, or a step that failed: the end of the output says what is where

      EXAMPLES:
        pcipass apply fleet/
        pcipass apply fleet/ --yes                   and back: pcipass rollback
        pcipass apply fleet/ --confirm-within 2m     and then: pcipass confirm
        pcipass apply today.plan                     as plan --out has saved it
        pcipass apply fleet/ --yes --quiet           for cron
      """)

  @OptionGroup var options: HostOptions
  @OptionGroup var manifests: ManifestOptions
  @OptionGroup var change: ChangeOptions

  @Option(
    help: ArgumentHelp("Save the plan that is carried out, for rollback.", valueName: "file"),
    completion: .file())
  var out: String?

  @Option(
    name: .customLong("confirm-within"),
    help: ArgumentHelp(
      "Take everything back unless it is confirmed within this time: 90s, 2m, 1h.", valueName: "time"))
  var confirmWithin: Span?

  @Argument(
    help: "Files and folders of manifests, or one saved plan.",
    completion: .file(extensions: ["yaml", "yml", "plan"]))
  var paths: [String]

  mutating func validate() throws { try options.checkChangeable() }

  func run() throws {
    let (saved, fleet) = try SavedPlan.orManifests(paths)
    let agreed = try Session.agreed(
      change.yes,
      open: {
        try Session(options, change.waiting, for: "apply", detail: change.verbosity.detail) { _ in
          Managers(of: fleet?.guests ?? saved?.request.guests ?? [])
        }
      },
      propose: { try propose(saved, fleet, in: $0) },
      ask: { proposal, session in
        // Before the first step: afterwards a NIC may show neither its MAC nor its name.
        try orFail { () throws(Diagnostics) in try session.host.remember(proposal.state) }
        if let out, proposal.plan.refusals.isEmpty { try SavedPlan.write(proposal.plan, to: out) }
        return try change.question(of: proposal.plan)
      })
    guard let (session, proposal) = agreed else { return }
    try change.carryOut(
      proposal.plan, of: proposal.state, in: session, as: .apply, .forward,
      confirmation: confirmWithin?.seconds
    ) { Planner.plan(proposal.request, on: $0, since: proposal.last) }
  }

  private struct Proposed: Proposal {
    var plan: Plan
    let state: HostState
    let request: Request
    let last: LastApply
  }

  private func propose(_ saved: Plan?, _ fleet: Fleet?, in session: Session) throws -> Proposed {
    try session.requireNothingOpen()
    let state = try session.observe()
    let request: Request
    if let saved {
      guard manifests.target.isEmpty, !manifests.prune, !manifests.legacyNewID else {
        throw fail(
          "usage",
          "a saved plan is carried out as it is: --target, --prune and --legacy-new-id belong to plan")
      }
      try options.check(saved, isFor: state)
      request = saved.request
    } else {
      request = try manifests.request(fleet ?? Fleet(), for: options.host ?? state.host)
    }
    let last = try session.store.lastApply(for: request)
    let now = Planner.plan(request, on: state, since: last)
    if let saved { try check(saved, now) }
    // The same steps; the saved ones name the lines of the manifests that they came from.
    var plan = now.refusals.isEmpty ? saved ?? now : now
    // What guards said when it was saved does not count.
    plan.guards = now.guards
    (plan.machine, plan.confirmation) = (now.machine, nil)
    return Proposed(plan: plan, state: state, request: request, last: last)
  }

  private func check(_ saved: Plan, _ now: Plan) throws {
    guard saved.refusals.isEmpty else {
      throw fail("refused", "this plan was refused when it was made", help: "make a new plan")
    }
    guard !now.isSame(as: saved) else { return }
    throw fail(
      [
        Diagnostic(
          code: "stale", "this plan is stale: \(saved.host) has changed since it was made; nothing was done",
          help: "make a new plan")
      ] + changes(from: saved, to: now))
  }
}
