import Documents
import HostModel
import Manifests
import Planning
import TestSupport
import Testing

@Suite("In a world of pools whose guests come, go, and change their names")
struct PoolWorldTests {
  @Test("each claim keeps its member, and no member has two", arguments: 0..<20)
  func stable(seed: Int) throws {
    for round in 0..<soak {
      var world = PoolWorld(seed: UInt64(seed * 1000 + round))
      var history: [String] = []
      for _ in 0..<25 {
        history.append(world.change())
        if let wrong = try check(&world) {
          Issue.record("seed \(seed), round \(round): \(wrong)\nafter \(history.joined(separator: ", "))")
          return
        }
      }
    }
  }

  /// Plans and applies, and returns what contradicts the properties.
  private func check(_ world: inout PoolWorld) throws -> String? {
    let request = world.request()
    var resolved = ResolvedRequest(request, on: HostIndex(world.state))
    var plan = Planner.plan(resolved)
    if world.isLost, world.hasUnknown {
      // Members are assigned only to guests that have one.
      if plan.assignments.contains(where: \.isNew) { return "assigned without memory: \(plan.assignments)" }
      if !plan.refusals.contains(where: { $0.code == .unavailable }) { return "not refused without memory" }
      world.startUnknown()
      resolved = ResolvedRequest(request, on: HostIndex(world.state))
      plan = Planner.plan(resolved)
    }
    guard plan.refusals.isEmpty else { return "refused: \(plan.refusals.map(\.message))" }
    let claims = world.guests.flatMap { guest in guest.claims.map { PoolWorld.key(guest.name, $0) } }
    let members = Dictionary(
      plan.assignments.map { (PoolWorld.key($0.guest, $0.nic), $0.address) },
      uniquingKeysWith: { one, _ in one })
    if Set(members.keys) != Set(claims) { return "not assigned: \(Set(claims).subtracting(members.keys))" }
    if Set(members.values).count != members.count { return "a member twice: \(members)" }
    for (claim, member) in world.kept where members[claim] != member {
      return "\(claim) had \(member) and gets \(members[claim].map { "\($0)" } ?? "nothing")"
    }
    if let wrong = try compare(plan, &world) { return wrong }
    if let wrong = try world.apply(plan, remembering: resolved.assignmentChange) { return wrong }
    let second = Planner.plan(world.request(), on: world.state)
    guard second.isEmpty, second.refusals.isEmpty else {
      return "left to do: \(second.ids) \(second.refusals.map(\.message))"
    }
    let again = Dictionary(
      second.assignments.map { (PoolWorld.key($0.guest, $0.nic), $0.address) },
      uniquingKeysWith: { one, _ in one })
    return again == members ? nil : "after apply: \(again), planned \(members)"
  }

  /// Compares with plans from reordered manifests, from a snapshot, and from the saved plan.
  private func compare(_ plan: Plan, _ world: inout PoolWorld) throws -> String? {
    let other = Planner.plan(world.request(), on: world.state)
    let order = { (plan: Plan) in plan.assignments.map { "\($0)" }.sorted() }
    if order(other) != order(plan) { return "depends on the order of documents" }
    let text = HostState.form.encode(world.state).text
    let source = Source(name: "snapshot", text: text)
    let snapshot = try HostState.form.value(of: try JSONReader.document(of: source), from: source)
    if Planner.plan(plan.request, on: snapshot) != plan { return "a snapshot gives another plan" }
    let savedSource = Source(name: "plan", text: PlanDocument.text(of: plan))
    let saved = try PlanDocument.plan(try #require(try PlanDocument.node(of: savedSource)), from: savedSource)
    if !saved.isSame(as: plan) || saved.assignments != plan.assignments { return "the saved plan differs" }
    return nil
  }
}
