import Documents
import Planning

/// Plans for programs: one plan as the file that `apply` takes, several as a list.
public enum PlanJSON {
  public static func text(_ plans: [Plan]) -> String {
    if plans.count == 1, let plan = plans.first { return PlanDocument.text(of: plan) }
    let list = JSON.object([
      JSON.Member("apiVersion", .string(Plan.version)), JSON.Member("kind", .string("PlanList")),
      JSON.Member("plans", .array(plans.map(Plan.form.encode))),
    ])
    return list.text + "\n"
  }
}
