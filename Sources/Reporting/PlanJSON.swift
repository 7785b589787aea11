import Documents
import Planning

/// Plans for programs: one plan as itself, several as a list.
public enum PlanJSON {
  public static func json(_ plans: [Plan]) -> JSON {
    if plans.count == 1, let plan = plans.first { return Plan.form.encode(plan) }
    return .object([
      JSON.Member("apiVersion", .string(Plan.version)), JSON.Member("kind", .string("PlanList")),
      JSON.Member("plans", .array(plans.map(Plan.form.encode))),
    ])
  }
}
