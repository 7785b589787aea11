import Documents
import Execution
import Foundation
import HostModel
import Hosts
import Manifests
import Planning
import TestSupport
import Testing

/// Properties of all hosts and manifests, tested on random ones. PCIPASS_SOAK=N tests N times as
/// many.
@Suite("For every host and every manifest")
struct PropertyTests {
  /// Tests a property on random cases, and stops at the first that contradicts it.
  private func forAll(
    _ count: Int, at location: Testing.SourceLocation = #_sourceLocation,
    _ property: (inout RandomCase) throws -> String?
  ) rethrows {
    for seed in 0..<(count * soak) {
      var random = RandomCase(seed: seed)
      guard let wrong = try property(&random) else { continue }
      let plan = Planner.plan(random.request, on: random.start)
      Issue.record(
        """
        seed \(seed): \(wrong)
        \(random.manifests)\(random.prune ? "--prune" : "")
        \(Standing(random.start))
        steps: \(plan.ids)
        """, sourceLocation: location)
      return
    }
  }

  @Test("a plan without refusals succeeds, leaves no steps to do and can be rolled back")
  func thereAndBack() {
    var applied = 0
    forAll(500) { random in
      let request = random.request
      let plan = Planner.plan(request, on: random.start)
      if Planner.plan(request, on: random.start) != plan { return "not the same plan twice" }
      guard plan.refusals.isEmpty else { return nil }
      let host = SimulatedHost(random.start)
      let outcome = Executor(host: host, journal: { _ in }).run(plan.steps)
      guard outcome.end == .success else {
        return "failed: \(outcome.failure.map { "\($0.step.id): \($0.failure.message)" } ?? "")"
      }
      applied += plan.isEmpty ? 0 : 1
      let second = Planner.plan(request, on: host.state)
      guard second.isEmpty, second.refusals.isEmpty else {
        return "left to do: \(second.ids) \(second.refusals.map(\.message))"
      }
      let back = Planner.rollback(of: plan, on: host.state)
      if isOfStart(back.refusals, on: random.start) { return nil }
      guard back.refusals.isEmpty else {
        return "no way back: \(back.refusals.map { $0.message + " " + $0.details.joined() })"
      }
      let undone = Executor(host: host, journal: { _ in }).run(back.steps)
      guard undone.end == .success else {
        return "way back failed: \(undone.failure.map { "\($0.step.id): \($0.failure.message)" } ?? "")"
      }
      let left = Planner.rollback(of: plan, on: host.state)
      guard left.isEmpty, left.refusals.isEmpty else { return "left to undo: \(left.ids)" }
      let after = Standing(host.state)
      return after == Standing(random.start)
        ? nil : "not as it was:\n" + after.difference(from: Standing(random.start))
    }
    #expect(applied > 50, "most cases are refused: \(applied)")
  }

  @Test("every order of steps that respects their dependencies has the same result")
  func orders() {
    forAll(300) { random in
      let plan = Planner.plan(random.request, on: random.start)
      guard plan.refusals.isEmpty, plan.steps.count > 2 else { return nil }
      var ends: [Standing] = []
      for _ in 0..<4 {
        let host = SimulatedHost(random.start)
        let steps = shuffled(plan.steps, &random.dice)
        let outcome = Executor(host: host, journal: { _ in }).run(steps)
        guard outcome.end == .success else {
          return
            "\(steps.map(\.id)) failed: \(outcome.failure.map { "\($0.step.id): \($0.failure.message)" } ?? "")"
        }
        ends.append(Standing(host.state, isPlaced: false))
        if let first = ends.first, ends.last != first {
          return "\(steps.map(\.id)) ends otherwise:\n" + (ends.last?.difference(from: first) ?? "")
        }
      }
      return nil
    }
  }

  @Test("parallel steps have the same result as serial ones, in an apply and its rollback")
  func sideBySide() {
    var widest = 0
    forAll(300) { random in
      let plan = Planner.plan(random.request, on: random.start)
      guard plan.refusals.isEmpty, plan.steps.count > 2 else { return nil }
      let serial = SimulatedHost(random.start)
      guard Executor(host: serial, journal: { _ in }).run(plan.steps).end == .success else { return nil }
      let host = SimulatedHost(random.start)
      let pool = DrawnPool(seed: random.dice.number(0..<1000))
      let order = Executor.Order(jobs: 8, pool: pool, choose: { pool.choose($0) })
      let there = Executor(host: host, order: order, journal: { _ in })
        .run(plan.steps, judgedBy: StepJudge(plan, .forward, since: random.start))
      widest = max(widest, pool.most)
      let end = Standing(host.state, isPlaced: false)
      let same = Standing(serial.state, isPlaced: false)
      guard there.end == .success, end == same else {
        return "there: \(there.failure.map { "\($0.step.id): \($0.failure.message)" } ?? "")\n"
          + end.difference(from: same)
      }
      let back = Planner.rollback(of: plan, on: host.state)
      guard back.refusals.isEmpty else { return nil }
      let undone = Executor(host: host, order: order, journal: { _ in })
        .run(back.steps, judgedBy: StepJudge(back, .back(isFinal: true), since: host.state))
      guard undone.end == .success, Standing(host.state) == Standing(random.start) else {
        return "back: \(undone.failure.map { "\($0.step.id): \($0.failure.message)" } ?? "")\n"
          + Standing(host.state).difference(from: Standing(random.start))
      }
      return nil
    }
    #expect(widest > 3, "nothing runs side by side: \(widest)")
  }

  @Test(
    "a fault at any step leaves the host as it was, or is reported as stuck", arguments: [1, 8])
  func faults(jobs: Int) {
    forAll(500) { random in
      let plan = Planner.plan(random.request, on: random.start)
      guard plan.refusals.isEmpty, !plan.isEmpty else { return nil }
      let step = plan.steps[random.dice.number(0..<plan.steps.count)]
      let effect = random.dice.one(
        Simulation.FaultEffect.refused, .busy, .hang, .ignored)
      var start = random.start
      start.simulation?.faults = [Simulation.Fault(step: step.id, effect: effect)]
      let host = SimulatedHost(start)
      let order =
        jobs == 1 ? Executor.Order.serial : .drawn(jobs: jobs, seed: random.dice.number(0..<1000))
      let outcome = Executor(host: host, order: order, journal: { _ in })
        .run(plan.steps, judgedBy: StepJudge(plan, .forward, since: random.start))
      if outcome.end == .success { return nil }  // the step had nothing to do
      // A guest with another member of the IOMMU group still has the group open, so the undo is
      // refused and reported.
      if outcome.undoFailures.contains(where: { $0.failure.kind == .inUse }) { return nil }
      guard outcome.undoFailures.isEmpty else {
        return
          "\(effect) at \(step.id): not undone: \(outcome.undoFailures.map { "\($0.step.id): \($0.failure.message)" })"
      }
      guard outcome.failure?.failure.kind != .stuck else { return effect == .hang ? nil : "stuck" }
      let after = Standing(host.state)
      return after == Standing(start)
        ? nil : "\(effect) at \(step.id):\n" + after.difference(from: Standing(start))
    }
  }

  @Test("a plan that was applied in part can be rolled back")
  func partlyDone() {
    forAll(300) { random in
      let plan = Planner.plan(random.request, on: random.start)
      guard plan.refusals.isEmpty, !plan.isEmpty else { return nil }
      let host = SimulatedHost(random.start)
      let part = plan.steps.prefix(random.dice.number(0..<plan.steps.count + 1))
      guard Executor(host: host, onFailure: .stop, journal: { _ in }).run(Array(part)).end == .success else {
        return nil
      }
      let back = Planner.rollback(of: plan, on: host.state)
      // A device that libvirt rebound to its former driver is on neither driver of its bind step.
      if back.refusals.contains(where: { $0.code == .changed }), random.start.simulation?.managedFrom != [:] {
        return nil
      }
      if isOfStart(back.refusals, on: random.start) { return nil }
      guard back.refusals.isEmpty else {
        return
          "after \(part.map(\.id)) no way back: \(back.refusals.map { $0.message + " " + $0.details.joined() })"
      }
      _ = Executor(host: host, journal: { _ in }).run(back.steps)
      let after = Standing(host.state)
      return after == Standing(random.start)
        ? nil : "after \(part.map(\.id)):\n" + after.difference(from: Standing(random.start))
    }
  }

  @Test("no NIC of a guest is unbound, and no function outside the Host manifest is changed")
  func safety() {
    forAll(500) { random in
      let request = random.request
      let plan = Planner.plan(request, on: random.start)
      let ports = Set(request.host.spec.nics.compactMap(\.select.value.address))
      let parts = ports.flatMap { random.start[$0]?.virtualFunctions(7) ?? [] }.map(\.address)
      let named = ports.union(parts)
      let host = SimulatedHost(random.start)
      // No planned step may do harm, also in a plan with refusals.
      for step in plan.steps {
        if case .bind(let bind) = step.action {
          let (address, to) = (bind.address, bind.to)
          if !named.contains(address) { return "\(step.id): no Host names it" }
          let state = host.state
          let guest = state.allGuests.first { $0.state.live?.contains { $0.address == address } ?? false }
          let isHeld = guest != nil || state[address]?.holders != .known([])
          if state[address]?.driver != to.driver, isHeld, plan.refusals.isEmpty {
            return "\(step.id): \(guest?.state.name ?? "a process") has it"
          }
        }
        guard Executor(host: host, journal: { _ in }).run([step]).end == .success else { break }
      }
      for function in random.start.functions where !named.contains(function.address) {
        // libvirt binds managed devices itself.
        if random.start.simulation?.managedFrom["\(function.address)"] != nil { continue }
        if host.state[function.address]?.driver != function.driver {
          return "\(function.address) was touched"
        }
      }
      return nil
    }
  }

  @Test("a plan that differs after a change of the host has different facts")
  func facts() {
    forAll(500) { random in
      let before = Planner.plan(random.request, on: random.start)
      var state = random.start
      let change = random.change(&state)
      let after = Planner.plan(random.request, on: state)
      // The message of a refusal may name another process.
      let isSame = before.steps == after.steps && before.codes == after.codes
      guard before.facts == after.facts else { return nil }
      return isSame
        ? nil : "\(change): the facts are the same, the plan is not: \(after.ids) \(after.refusals)"
    }
  }

  @Test("guards check every changed function, and no step changes a function that they refuse")
  func guards() {
    forAll(500) { random in
      let plan = Planner.plan(random.request, on: random.start)
      if let wrong = contradiction(in: plan) { return wrong }
      guard plan.refusals.isEmpty else { return nil }
      let host = SimulatedHost(random.start)
      guard Executor(host: host, journal: { _ in }).run(plan.steps).end == .success else { return nil }
      let after = Planner.plan(random.request, on: host.state)
      if !after.guards.isEmpty { return "nothing changes, and guards are listed: \(after.guards)" }
      return contradiction(in: Planner.rollback(of: plan, on: host.state)).map { "on the way back: \($0)" }
    }
  }

  private func contradiction(in plan: Plan) -> String? {
    var seen: Set<String> = []
    for report in plan.guards {
      let key = "\(report.which) \(report.function) \(report.nic ?? "") \(report.guest ?? "")"
      guard seen.insert(key).inserted else { return "\(key) is listed twice" }
      guard report.verdict != .refused || plan.refusals.contains(where: { $0.nic == report.nic }) else {
        return "\(key) refuses, and the plan does not"
      }
    }
    for step in plan.steps where step.action.function != nil {
      // VFs that are deleted with their PF are checked with it.
      let reports = plan.guards.filter { report in
        step.nic == nil ? report.function == step.action.function : report.nic == step.nic
      }
      if reports.isEmpty { return "\(step.id): no guard was asked" }
      // A rollback shows its steps also where a guard refuses them.
      guard step.reason != .rollback, let wrong = reports.first(where: { $0.verdict == .refused }) else {
        continue
      }
      return "\(step.id): refused by \(wrong.which)"
    }
    return nil
  }

  @Test("a plan is unchanged by JSON, and has each step after those that it waits for")
  func form() throws {
    try forAll(100) { random in
      let plan = Planner.plan(random.request, on: random.start)
      var seen: Set<String> = []
      for step in plan.steps {
        guard seen.isSuperset(of: step.after) else { return "\(step.id) comes too early" }
        guard seen.insert(step.id).inserted else { return "\(step.id) is there twice" }
      }
      return try roundTrip(plan) == plan ? nil : "another plan comes back"
    }
  }

  /// A random order in which each step follows those that it waits for.
  private func shuffled(_ steps: [Step], _ dice: inout Dice) -> [Step] {
    var left = steps
    var result: [Step] = []
    while !left.isEmpty {
      let done = Set(result.map(\.id))
      let ready = left.indices.filter { done.isSuperset(of: left[$0].after) }
      guard let next = ready.randomElement(using: &dice) else { return steps }
      result.append(left.remove(at: next))
    }
    return result
  }
}
