import Documents
import Planning

/// Messages about a plan that is not executed because the host has changed since it was shown or saved.
enum StalePlan {
  static let question = Diagnostic(
    code: "stale", "the host has changed since the plan was shown; nothing was changed",
    help: "type the same command again: it shows a new plan")

  static func saved(of host: String) -> Diagnostic {
    Diagnostic(
      code: "stale", "this plan is stale: \(host) has changed since it was made; nothing was changed",
      help: "make a new plan")
  }

  /// The differences between the host that a plan was made on and the host now.
  static func changes(from plan: Plan, to now: Plan) -> [Diagnostic] {
    let facts = Fact.changes(from: plan.facts, to: now.facts)
    let lines = facts.isEmpty ? now.refusals.map(\.message) : facts
    return lines.map { Diagnostic(.note, code: "changed", $0) }
  }
}
