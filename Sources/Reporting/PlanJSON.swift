import Documents
import Planning

/// Plans as JSON for programs.
public enum PlanJSON {
  /// One plan as the file that `pcipass apply` accepts; several as a document of the kind `PlanList`.
  public static func text(_ plans: [Plan]) -> String {
    if plans.count == 1, let plan = plans.first { return PlanDocument.text(of: plan) }
    let list = JSON.object([
      JSON.Member("apiVersion", .string(Plan.version)), JSON.Member("kind", .string("PlanList")),
      JSON.Member("plans", .array(plans.map(Plan.form.encode))),
    ])
    return list.text + "\n"
  }
}
