import ArgumentParser
import Documents
import Execution
import HostModel
import Hosts
import Manifests
import Planning

struct ApplyCommand: PcipassCommand {
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
  var confirmWithin: DurationArgument?

  @Argument(
    help: "Files and folders of manifests, or one saved plan.",
    completion: .file(extensions: ["yaml", "yml", "plan"]))
  var paths: [String]

  mutating func validate() throws { try options.checkChangeable() }

  func run(on terminal: Terminal) throws -> ExitStatus {
    let (saved, fleet) = try SavedPlan.orManifests(paths)
    let agreement = Agreement(
      isGiven: change.yes,
      open: {
        try Session(options, change.waiting, for: "apply", detail: change.verbosity.detail, on: terminal) {
          _ in Managers(of: fleet?.guests ?? saved?.request.guests ?? [])
        }
      },
      propose: { try propose(saved, fleet, in: $0) },
      ask: { proposal, session in
        // Recorded before the first step: a NIC without its native driver has no MAC address and no interface name.
        try session.host.remember(proposal.host.state)
        if let out, proposal.plan.refusals.isEmpty { try SavedPlan.write(proposal.plan, to: out) }
        return try change.question(of: proposal.plan, on: terminal)
      })
    guard let (session, proposal) = try agreement.reached(on: terminal) else { return .success }
    return try change.run(
      proposal.plan, of: proposal.host, in: session, as: .apply, .forward,
      confirmation: confirmWithin?.seconds
    ) { Planner.plan(ResolvedRequest(proposal.request, on: $0), since: proposal.last) }.carryOut()
  }

  private struct Proposed: Proposal {
    var plan: Plan
    let host: HostIndex
    let request: Request
    let last: LastApply
  }

  private func propose(_ saved: Plan?, _ fleet: Fleet?, in session: Session) throws -> Proposed {
    try session.requireNothingOpen()
    let host = try session.observe()
    let request: Request
    if let saved {
      guard manifests.target.isEmpty, !manifests.prune, !manifests.legacyNewID else {
        throw Diagnostics(
          code: "usage",
          "a saved plan is carried out as it is: --target, --prune and --legacy-new-id belong to plan")
      }
      try options.check(saved, isFor: host.state)
      request = saved.request
    } else {
      request = try manifests.request(fleet ?? Fleet(), for: options.host ?? host.state.host)
    }
    let last = try session.store.lastApply(for: request, on: session.terminal)
    let now = Planner.plan(ResolvedRequest(request, on: host), since: last)
    if let saved { try check(saved, now) }
    // Both plans have the same steps; those of the saved one name the lines of the manifests that they came from.
    var plan = now.refusals.isEmpty ? saved ?? now : now
    // The guards' results are those of now, not of when the plan was saved.
    plan.guards = now.guards
    (plan.machine, plan.confirmation) = (now.machine, nil)
    return Proposed(plan: plan, host: host, request: request, last: last)
  }

  private func check(_ saved: Plan, _ now: Plan) throws(Diagnostics) {
    guard saved.refusals.isEmpty else {
      throw Diagnostics(
        code: "refused", "this plan was refused when it was made", help: "make a new plan")
    }
    guard !now.isSame(as: saved) else { return }
    throw Diagnostics([StalePlan.saved(of: saved.host)] + StalePlan.changes(from: saved, to: now))
  }
}
