import Documents
import Planning

/// Plans as JSON for programs.
public enum PlanJSON {
  /// One plan as the file that `pcipass apply` accepts; several as a document of the kind `PlanList`.
  public static func text(_ plans: [Plan]) -> String {
    if plans.count == 1, let plan = plans.first { return PlanDocument.text(of: plan) }
    return list.encode(plans).text + "\n"
  }

  /// The document of the kind `PlanList`.
  public static let list = OutputForm<[Plan]>.document(
    kind: "PlanList", "The plans of several hosts.",
    [OutputField("plans", { $0 }, .list(of: Plan.form.output), "One for each host, without a digest.")])
}
