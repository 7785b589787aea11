import Documents
import Execution
import HostModel
import Hosts
import Manifests
import Planning
import TestSupport
import Testing

/// Properties of plans of the host's half (`--part host`), on the same random hosts as those of whole plans.
@Suite("For every host and every manifest, the host's half")
struct HostPartPropertyTests {
  @Test("is planned without guests, is done by one apply, and can be rolled back")
  func thereAndBack() {
    var applied = 0
    for seed in 0..<(300 * soak) {
      let random = RandomCase(seed: seed)
      var isApplied = false
      if let wrong = contradiction(random, &isApplied) {
        Issue.record("seed \(seed): \(wrong)\n\(random.manifests)\n\(Standing(random.start))")
        return
      }
      applied += isApplied ? 1 : 0
    }
    #expect(applied > 50, "most cases are refused: \(applied)")
  }

  private func contradiction(_ random: RandomCase, _ isApplied: inout Bool) -> String? {
    let request = hostHalf(of: random)
    let plan = Planner.plan(request, on: random.start)
    if Planner.plan(request, on: random.start.withoutGuests) != plan { return "it depends on guests" }
    if let step = plan.steps.first(where: { $0.action.guest != nil }) { return "\(step.id) is about a guest" }
    let claims = random.request.guests.flatMap { guest in
      guest.spec.nics.map { (guest.name, $0.name.value) }
    }
    for claim in claims {
      let count = plan.notices.count { notice in
        notice.code == .notLookedAt && notice.guest == claim.0 && notice.message.contains(" \(claim.1) ")
      }
      if count != 1 { return "\(claim) is listed \(count) times" }
    }
    guard plan.refusals.isEmpty else { return nil }
    let host = SimulatedHost(random.start, hidesGuests: true)
    let outcome = Executor(host: host, journal: { _ in })
      .run(plan.steps, judgedBy: StepJudge(plan, .forward, since: random.start.withoutGuests))
    guard outcome.end == .success else {
      return "failed: \(outcome.failure.map { "\($0.step.id): \($0.failure.message)" } ?? "")"
    }
    isApplied = !plan.isEmpty
    if let wrong = harm(by: host.state, since: random.start, plan) { return wrong }
    let second = Planner.plan(request, on: host.state)
    guard second.isEmpty, second.refusals.isEmpty else {
      return "left to do: \(second.ids) \(second.refusals.map(\.message))"
    }
    // The host is still without guests.
    let back = Planner.rollback(of: plan, on: host.state.withoutGuests, isFinal: false)
    guard back.refusals.isEmpty else { return "no way back: \(back.refusals.map(\.message))" }
    guard Executor(host: host, journal: { _ in }).run(back.steps).end == .success else {
      return "the way back failed"
    }
    let after = Standing(host.state)
    return after == Standing(random.start)
      ? nil : "not as it was:\n" + after.difference(from: Standing(random.start))
  }

  /// What guests lost: their devices, or a function that a process has open.
  private func harm(by state: HostState, since start: HostState, _ plan: Plan) -> String? {
    for (before, after) in zip(start.allGuests, state.allGuests) where before.state != after.state {
      return "\(before.manager) was changed"
    }
    let claimed = Set(plan.steps.filter { $0.guest != nil || $0.reason == .reserved }.map(\.action.function))
    for function in start.functions {
      guard let now = state[function.address], now != function else { continue }
      if function.holders != .known([]) { return "\(function.address) is open and was changed" }
      let isForGuests = Drivers.isPassthrough(function.driver) || function.virtualFunction != nil
      if isForGuests, !claimed.contains(function.address) { return "\(function.address) was changed" }
    }
    return nil
  }

  @Test("and the rest afterwards are the whole: a plan that follows has only the guests' half left")
  func halves() {
    var compared = 0
    for seed in 0..<(300 * soak) {
      let random = RandomCase(seed: seed)
      var isCompared = false
      if let wrong = difference(random, &isCompared) {
        Issue.record("seed \(seed): \(wrong)\n\(random.manifests)\n\(Standing(random.start))")
        return
      }
      compared += isCompared ? 1 : 0
    }
    #expect(compared > 15, "most cases are refused: \(compared)")
  }

  private func difference(_ random: RandomCase, _ isCompared: inout Bool) -> String? {
    var request = random.request
    request.prune = false
    let (whole, half) = (
      Planner.plan(request, on: random.start), Planner.plan(hostHalf(of: random), on: random.start)
    )
    guard whole.refusals.isEmpty, half.refusals.isEmpty, !half.isEmpty else { return nil }
    // A whole plan leaves a reserved NIC alone that a guest without a manifest has.
    let held = Set(
      random.start.allGuests.flatMap { _, guest in
        ((guest.persistent ?? []) + (guest.live ?? [])).map(\.address)
      })
    if half.steps.contains(where: { $0.reason == .reserved && $0.action.function.map(held.contains) ?? false }
    ) {
      return nil
    }
    let atOnce = SimulatedHost(random.start)
    let inTurn = SimulatedHost(random.start)
    guard Executor(host: atOnce, journal: { _ in }).run(whole.steps).end == .success,
      Executor(host: inTurn, journal: { _ in }).run(half.steps).end == .success
    else { return "not applied" }
    let rest = Planner.plan(request, on: inTurn.state)
    guard rest.refusals.isEmpty else { return "the rest is refused: \(rest.refusals.map(\.message))" }
    if let step = rest.steps.first(where: { $0.action.guest == nil && !mayBeLeft($0, by: half, rest, random) }
    ) {
      return "\(step.id) is left for the rest: \(half.ids), then \(rest.ids)"
    }
    guard Executor(host: inTurn, journal: { _ in }).run(rest.steps).end == .success else {
      return "the rest failed: \(rest.ids)"
    }
    isCompared = true
    let (one, other) = (Standing(inTurn.state, isPlaced: false), Standing(atOnce.state, isPlaced: false))
    return one == other ? nil : "another end: \(half.ids), then \(rest.ids)\n" + one.difference(from: other)
  }

  /// Whether a step about the host is left because of guests: its function is listed in a notice, a guest has
  /// it, it is hot-plugged, for which it needs a VFIO driver, or it is on another VFIO driver, which a definition
  /// may name.
  private func mayBeLeft(_ step: Step, by half: Plan, _ rest: Plan, _ random: RandomCase) -> Bool {
    guard let address = step.action.function else { return true }
    if case .bind(let bind) = step.action, let from = bind.from.driver, let to = bind.to.driver,
      Drivers.isVFIO(from), Drivers.isVFIO(to)
    {
      return true
    }
    let isHotplugged = rest.steps.contains { step in
      step.action.device.map { $0.isAdded && $0.isLive && $0.hostdev.address == address } ?? false
    }
    return isHotplugged || half.notices.contains { $0.message.contains("\(address)") }
      || random.start.allGuests.contains { _, guest in
        ((guest.persistent ?? []) + (guest.live ?? [])).contains { $0.address == address }
      }
  }

  private func hostHalf(of random: RandomCase) -> Request {
    var request = random.request
    (request.prune, request.part) = (false, .host)
    return request
  }
}
