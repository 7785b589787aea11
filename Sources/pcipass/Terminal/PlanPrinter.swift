import Documents
import HostModel
import Planning
import Reporting

/// Prints the plans of a run in one format. Text is printed plan by plan, so that a fleet needs
/// memory for a few plans only.
struct PlanPrinter: Sendable {
  private let format: OutputFormat
  private let detail: DetailLevel
  private let terminal: Terminal
  private var kept: [Plan] = []
  /// The topology of the changes of each plan, for the format with pictures.
  private var pictures: [Topology] = []
  private var fleet = FleetSummary()
  private var pending = ""
  private var last: Plan?
  /// Whether the next plan is the first.
  private var isFirst = true
  /// Whether the text of the last plan is printed only if the run has no other host.
  private var isLastLeftOut = false

  init(_ format: OutputFormat, _ detail: DetailLevel, on terminal: Terminal) {
    self.format = format
    self.detail = detail
    self.terminal = terminal
  }

  var isRefused: Bool { fleet.isRefused }
  var hasChanges: Bool { fleet.hasChanges }
  /// Whether a host differs from its manifests in a way that no step can change.
  var hasDrift: Bool { fleet.hasDrift }
  /// The names of the hosts that were not planned.
  var unplanned: [String] { fleet.unplanned }
  /// The plan of a run with one host; nil for several hosts.
  var single: Plan? { fleet.count == 1 ? last : nil }

  /// A plan with what the format shows of it.
  struct PlannedOutput: Sendable {
    fileprivate let plan: Plan
    fileprivate var text = ""
    fileprivate var picture: Topology?
  }

  /// Makes the plan of a request and its output. Plans of a fleet are made in parallel.
  func planned(
    _ request: Request, on host: HostIndex, since last: LastApply = LastApply(), _ revision: String?,
    _ pending: PendingConfirmation? = nil
  ) -> PlannedOutput {
    let resolved = ResolvedRequest(request, on: host)
    var plan = Planner.plan(resolved, since: last)
    (plan.confirmation, plan.revision) = (pending, revision)
    var output = PlannedOutput(plan: plan)
    if format == .text, !isLeftOut(plan) { output.text = text(plan) }
    if format == .markdown { output.picture = Topology(plan, of: resolved).changes }
    return output
  }

  /// With several hosts, a host without changes appears only in the summary.
  private func isLeftOut(_ plan: Plan) -> Bool {
    detail == .quiet || (plan.isEmpty && plan.refusals.isEmpty && !plan.hasDrift)
  }

  /// Prints a plan.
  mutating func add(_ output: PlannedOutput) {
    let plan = output.plan
    fleet.add(plan)
    last = plan
    if !plan.refusals.isEmpty {
      flush()
      terminal.warn(plan.refusals)
    }
    if format == .text {
      isLastLeftOut = isLeftOut(plan)
      if !isLastLeftOut {
        pending += isFirst ? output.text : "\n" + output.text
        isFirst = false
      }
      if pending.utf8.count > 1 << 16 { flush() }
    } else {
      kept.append(plan)
      if let picture = output.picture { pictures.append(picture) }
    }
  }

  /// Adds a host without a plan.
  mutating func add(unplanned host: FleetHost) { fleet.add(unplanned: host) }

  private func text(_ plan: Plan) -> String { terminal.text(of: plan, detail) }

  /// - Parameter diagnostics: the problems of the manifests.
  mutating func finish(_ diagnostics: [Diagnostic] = []) throws {
    flush()
    let hosts = fleet.hosts
    let isList = fleet.count > 1 || !fleet.unplanned.isEmpty
    let text = isList ? (isFirst ? "" : "\n") + fleet.text : isLastLeftOut ? single.map(text) ?? "" : ""
    let rendering = Rendering(
      text: { text },
      json: { [kept] in
        PlanJSON.text(PlanJSON.PlannedFleet(plans: kept, hosts: hosts, diagnostics: diagnostics))
      },
      markdown: { [kept, pictures] in
        PlanMarkdown.text(Array(zip(kept, pictures)), hosts: hosts, diagnostics: diagnostics)
      })
    try terminal.write(rendering, as: format)
  }

  private mutating func flush() {
    terminal.write(pending)
    pending = ""
  }
}
