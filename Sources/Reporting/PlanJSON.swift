import Documents
import Planning

/// Plans as JSON for programs.
public enum PlanJSON {
  /// The plans of several hosts, and what the run found beside them.
  public struct PlannedFleet: Sendable {
    public var plans: [Plan]
    /// All hosts, planned or not.
    public var hosts: [FleetHost]
    /// The problems of the manifests.
    public var diagnostics: [Diagnostic]

    public init(plans: [Plan], hosts: [FleetHost], diagnostics: [Diagnostic]) {
      self.plans = plans
      self.hosts = hosts
      self.diagnostics = diagnostics
    }
  }

  /// The plan of the only host as the file that `pcipass apply` accepts; otherwise a document of the kind
  /// `PlanList`.
  public static func text(_ fleet: PlannedFleet) -> String {
    if fleet.hosts.count == 1, let plan = fleet.plans.first { return PlanDocument.text(of: plan) }
    return list.encode(fleet).text + "\n"
  }

  /// The document of the kind `PlanList`.
  public static let list = OutputForm<PlannedFleet>.document(
    kind: "PlanList", "The plans of several hosts.",
    [
      OutputField(
        "plans", \.plans, .list(of: Plan.form.output), "One for each planned host, without a digest."),
      OutputField(
        "hosts", \.hosts.byState, .list(of: host),
        "All hosts: refused ones first, then those that were not planned, then changed ones, then unchanged ones."
      ),
      OutputField(
        "diagnostics", \.diagnostics, .list(of: DiagnosticJSON.form),
        "The errors, warnings and notes of the manifests."),
    ])

  private static let host = OutputForm<FleetHost>.record(
    "FleetHost", "The result for one host.",
    [
      OutputField("host", \.host, .text, "The host."),
      OutputField("state", \.state, .choice(), "What the run found."),
      OutputField(
        "reason", { $0.state == .notPlanned ? $0.detail : nil }, optional: .text,
        "Why the host was not planned."),
      OutputField(
        "exhaustedPools", \.exhaustedPools, .list(of: .text),
        "The pools that have no available member for a claim: the plan is refused."),
      OutputField(
        "diagnostics", \.diagnostics, .list(of: DiagnosticJSON.form),
        "The errors because of which it was not planned."),
    ])
}
