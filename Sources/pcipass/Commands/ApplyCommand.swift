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
    abstract: "Apply manifests or a saved plan, verify each step.",
    discussion: """
      With manifests, pcipass makes a plan, shows it and asks for approval. A saved plan is \
      applied exactly as it was saved; if the host has changed since, pcipass refuses it and shows what \
      has changed. If a step fails, pcipass undoes it and all steps before it. Ctrl-C stops after the \
      current step and undoes all steps. With --confirm-within, the apply rolls back automatically unless \
      pcipass confirm keeps it in time. This also holds for an apply that --on-failure stop left \
      incomplete.

      EXIT STATUS:
        0  every step is done and verified, or there was nothing to do
        1  an error; nothing was changed
        2  with --detailed-exitcode: something was changed
        3  a guard refused the plan; nothing was changed
        4  a step failed, and everything was undone
        5  an operator is needed: a step is stuck, an undo is incomplete, a run is interrupted
        6  another apply is waiting for confirmation
        75 another pcipass holds the lock

      EXAMPLES:
        pcipass apply fleet/
        pcipass apply fleet/ --yes                   undo with: pcipass rollback
        pcipass apply fleet/ --confirm-within 2m     keep with: pcipass confirm
        pcipass apply today.plan                     a plan saved with plan --out
        pcipass apply fleet/ --yes --quiet           for cron
      """)

  @OptionGroup var options: HostOptions
  @OptionGroup var manifests: ManifestOptions
  @OptionGroup var origin: OriginOptions
  @OptionGroup var revision: RevisionOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var output: OutputOptions

  @Option(
    help: ArgumentHelp("Save the applied plan, for rollback.", valueName: "file"),
    completion: .file())
  var out: String?

  @Option(
    name: .customLong("confirm-within"),
    help: ArgumentHelp(
      "Roll back unless the apply is confirmed within this time, 5s to 24h: 90s, 2m, 1h30m.",
      valueName: "time"))
  var confirmWithin: DurationArgument?

  @Argument(
    help: "Manifest files and folders, or one saved plan.",
    completion: .file(extensions: ["yaml", "yml", "json", "plan"]))
  var paths: [String]

  @Flag(name: .customLong("detailed-exitcode"), help: "Exit with status 2 if something was changed.")
  var detailedExitCode = false

  var outputFormat: OutputFormat { change.format.format }
  var changesHost: Bool { true }

  mutating func validate() throws { try options.checkChangeable() }

  func run(on terminal: Terminal) throws -> ExitStatus {
    let (saved, loaded) = try SavedPlan.orManifests(paths, origin)
    if saved != nil, revision.revision != nil {
      throw Diagnostics(
        code: "usage", "a saved plan has the revision of its manifests: --revision belongs to pcipass plan")
    }
    let commit = saved?.revision ?? (saved == nil ? revision.revision(of: paths) : nil)
    // Warnings about the manifests are printed once, although the proposal may be made twice.
    var fleet: Fleet?
    let agreement = Agreement(
      isGiven: change.yes,
      open: {
        try Session(options, change.waiting, for: "apply", detail: change.verbosity.detail, on: terminal) {
          _ in
          saved.map { Managers(of: $0.request, for: $0.request.part) }
            ?? Managers(of: loaded?.fleet ?? Fleet(), for: manifests.part)
        }
      },
      propose: { session in
        try propose(saved, commit, in: session) { (host) throws(Diagnostics) in
          if let fleet { return fleet }
          let checked = try loaded?.fleet(on: host, terminal) ?? Fleet()
          fleet = checked
          return checked
        }
      },
      ask: { proposal, session in
        // The NICs are recorded before the first step, because a NIC without its native driver has
        // no MAC address and no interface name.
        try session.host.remember(proposal.host.state)
        if proposal.plan.isEmpty, proposal.plan.refusals.isEmpty {
          try session.host.remember(proposal.assignments)
          session.confirmBootRecord(proposal.resolved, proposal.plan)
        }
        if let out, proposal.plan.refusals.isEmpty { try SavedPlan.write(proposal.plan, to: out) }
        return try change.question(of: proposal.plan, for: .apply, on: terminal)
      })
    guard let (session, proposal) = try agreement.reached(on: terminal) else { return .success }
    return try change.run(
      proposal.plan, of: proposal.host, in: session, as: .apply, .forward, assignments: proposal.assignments,
      confirmation: confirmWithin?.seconds, success: detailedExitCode ? .changes : .success
    ) { Planner.plan(ResolvedRequest(proposal.request.remaining, on: $0), since: proposal.last) }.execute()
  }

  private struct Proposed: Proposal {
    var plan: Plan
    let host: HostIndex
    let request: Request
    let resolved: ResolvedRequest
    let last: LastApply
    /// What claims of pools get, to be remembered.
    let assignments: AssignmentChange
  }

  private func propose(
    _ saved: Plan?, _ revision: String?, in session: Session, _ fleet: (String) throws(Diagnostics) -> Fleet
  ) throws -> Proposed {
    try session.requireNothingOpen()
    let host = try session.observe()
    let request: Request
    if let saved {
      guard manifests.target.isEmpty, !manifests.prune, !manifests.legacyNewID, !manifests.reassign,
        manifests.part == .everything
      else {
        throw Diagnostics(
          code: "usage",
          "a saved plan is applied as it is: --target, --part, --prune, --reassign and --legacy-new-id belong to "
            + "pcipass plan"
        )
      }
      try options.check(saved, isFor: host.state)
      request = saved.request
    } else {
      let name = options.host ?? host.state.host
      request = try manifests.request(try fleet(name), for: name)
    }
    let last = try session.store.lastApply(for: request, on: session.terminal)
    let resolved = ResolvedRequest(request, on: host)
    let now = Planner.plan(resolved, since: last)
    if let saved { try check(saved, now) }
    // Both plans have the same steps. The steps of the saved plan also name the manifest lines that
    // they came from.
    var plan = now.refusals.isEmpty ? saved ?? now : now
    // The results of the guards are the current ones, not those of the saved plan.
    plan.guards = now.guards
    (plan.machine, plan.confirmation, plan.revision) = (now.machine, nil, revision)
    return Proposed(
      plan: plan, host: host, request: request, resolved: resolved, last: last,
      assignments: resolved.assignmentChange)
  }

  private func check(_ saved: Plan, _ now: Plan) throws(Diagnostics) {
    guard saved.refusals.isEmpty else {
      throw Diagnostics(
        code: "refused", "this plan was refused when it was made; nothing was changed",
        help: "make a new plan")
    }
    guard !now.isSame(as: saved) else { return }
    throw Diagnostics([StalePlan.saved(of: saved.host)] + StalePlan.changes(from: saved, to: now))
  }
}
