import ArgumentParser
import Documents
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
      A failed step is undone, with all that was done before it.

        pcipass apply fleet/
        pcipass apply fleet/ --yes --out done.plan    and back: pcipass rollback done.plan
        pcipass apply today.plan
      """)

  @OptionGroup var options: HostOptions
  @OptionGroup var manifests: ManifestOptions
  @OptionGroup var apply: ApplyOptions

  @Option(help: ArgumentHelp("Save the plan that is carried out, for rollback.", valueName: "file"))
  var out: String?

  @Argument(help: "Files and folders of manifests, or one saved plan.")
  var paths: [String]

  mutating func validate() throws { try options.checkChangeable() }

  func run() throws {
    let (saved, fleet) = try SavedPlan.orManifests(paths)
    let host = try options.open(for: fleet?.guests ?? saved?.request.guests ?? [])
    let state = try options.observe(host)
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
    let now = Planner.plan(request, on: state)
    if let saved { try check(saved, now) }
    // The same steps; the saved ones name the lines of the manifests that they came from.
    let plan = now.refusals.isEmpty ? saved ?? now : now
    // Before the first step: afterwards a NIC may show neither its MAC nor its name.
    try orFail { () throws(Diagnostics) in try host.remember(state) }
    if let out, plan.refusals.isEmpty { try SavedPlan.write(plan, to: out) }
    try apply.carryOut(plan, of: state, on: host, options) { Planner.plan(request, on: $0) }
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
