import Execution
import HostModel
import Hosts
import Planning
import TestSupport
import Testing

/// Manifests with most kinds of steps: a NIC moves from one running guest to another, a second is
/// reserved, and a third is assigned.
private let manifests =
  host(
    """
    name: lan, select: {address: '0000:03:00.0'}
    name: dmz, select: {address: '0000:04:00.0'}, reserve: true, driver: pci-stub
    name: web, select: {address: '0000:05:00.0'}
    """) + guest("a", "name: net0, from: web") + guest("b", "name: net0, from: lan")

private let start = state(
  [
    nic(
      "03:00.0", driver: "vfio-pci", override: "vfio-pci",
      holders: .known([Holder(process: 1, command: "qemu")])),
    nic("04:00.0", override: "vfio-pci"), nic("05:00.0"),
  ], libvirt: [running("a", [marked("03:00.0", "net0", at: "00:05.0")]), running("b")],
  drivers: .known(["igb", "vfio-pci"]))

private let allSteps = plan(manifests, on: start).steps

extension JournalEntry {
  /// The kind of entry and the step's id, as in `starting ID`.
  fileprivate var words: String {
    switch self {
    case .starting(let step, let action): "starting \(step.id)" + (action.inverse == nil ? " for good" : "")
    case .done(let step, _): "done \(step.id)"
    case .alreadyDone(let step): "already \(step.id)"
    case .failed(let step, let failure, _): "failed \(step.id): \(failure.kind.rawValue)"
    case .skipped(let step): "skipped \(step.id)"
    case .undoing(let step, _): "undoing \(step.id)"
    case .undone(let step, _): "undone \(step.id)"
    case .undoFailed(let step, _): "undo failed \(step.id)"
    case .found(let step, let finding): "found \(step.id) \(finding.rawValue)"
    case .recovering, .recorded, .ended, .confirmed, .unconfirmed: "no entry of a run"
    }
  }
}

/// Runs steps; returns the outcome and the journal entries in order.
private func run(
  _ steps: [Step], on host: SimulatedHost, onFailure: Executor.OnFailure = .undo,
  refusing: (JournalEntry) -> Bool = { _ in false }
) -> (outcome: Outcome, journal: [String]) {
  var journal: [String] = []
  let outcome = withoutActuallyEscaping(refusing) { refusing in
    Executor(host: host, onFailure: onFailure) { entry throws(JournalFailure) in
      if refusing(entry) { throw JournalFailure("No space left on device") }
      journal.append(entry.words)
    }.run(steps)
  }
  return (outcome, journal)
}

private func faulty(_ faults: [(step: String, effect: Simulation.FaultEffect)]) -> SimulatedHost {
  var state = start
  state.simulation = Simulation(faults: faults.map { Simulation.Fault(step: $0.step, effect: $0.effect) })
  return SimulatedHost(state)
}

@Suite("The executor")
struct ExecutorTests {
  @Test("records each step before its start and after its end, in the plan's order")
  func success() {
    let host = SimulatedHost(start)
    let (outcome, journal) = run(allSteps, on: host)
    #expect(outcome.end == .success && outcome.completed == allSteps && outcome.skipped == [])
    let expected = allSteps.flatMap { step in
      // libvirt has left this NIC on the driver that it shall have.
      if step.id == "bind/0000:03:00.0" { return ["already \(step.id)"] }
      return ["starting \(step.id)" + (step.action.inverse == nil ? " for good" : ""), "done \(step.id)"]
    }
    #expect(journal == expected)
    #expect(plan(manifests, on: host.state).isEmpty)
  }

  @Test("records a step that is already done, and does not count it as its own change")
  func alreadyDone() {
    let host = SimulatedHost(start)
    _ = run(allSteps, on: host)
    let end = Standing(host.state)
    let (outcome, journal) = run(
      allSteps.filter { $0.id.hasPrefix("bind") || $0.id.hasPrefix("load") }, on: host)
    #expect(journal.allSatisfy { $0.hasPrefix("already ") })
    #expect(outcome.end == .success && outcome.done == [])
    #expect(Standing(host.state) == end)
  }

  @Test("undoes a step to the state at its start, not at the time of the plan")
  func refreshed() throws {
    var state = start
    state.functions[2].driverOverride = "igb"
    let host = SimulatedHost(state)
    let (outcome, _) = run(allSteps.filter { $0.id == "bind/0000:05:00.0" }, on: host)
    #expect(
      outcome.done.first?.action.inverse
        == .bind(
          pci("05:00.0"), from: Binding(driver: "vfio-pci", override: "vfio-pci"),
          to: Binding(driver: "igb", override: "igb")))
  }

  @Test(
    "restores the host when any step fails in any way",
    arguments: allSteps.indices, [Simulation.FaultEffect.refused, .busy, .ignored])
  func undone(index: Int, effect: Simulation.FaultEffect) {
    let step = allSteps[index]
    let host = faulty([(step.id, effect)])
    let (outcome, journal) = run(allSteps, on: host)
    // A step that is already done is not performed.
    guard outcome.end != .success else {
      #expect(journal.contains("already \(step.id)"))
      return
    }
    #expect(outcome.end == .undone && outcome.undoFailures == [])
    #expect(outcome.failure?.step == step)
    #expect(outcome.failure?.failure.kind == (effect == .ignored ? .unverified : .refused))
    #expect(outcome.skipped == Array(allSteps[(index + 1)...]))
    #expect(
      Standing(host.state) == Standing(start), "\(Standing(host.state).difference(from: Standing(start)))")
    #expect(outcome.undone == outcome.done.map(\.step).reversed().filter { $0.action.inverse != nil })
  }

  @Test(
    "reports a step that hangs, and undoes neither that step nor those that it waits for",
    arguments: allSteps.indices)
  func stuck(index: Int) {
    let step = allSteps[index]
    let host = faulty([(step.id, .hang)])
    let (outcome, journal) = run(allSteps, on: host)
    guard outcome.end != .success else { return }
    #expect(outcome.end == .stuck)
    #expect(journal.contains("failed \(step.id): stuck"))
    #expect(!outcome.undone.contains(step))
    let ground = Plan(request: request(manifests), steps: allSteps, refusals: [], notices: [], facts: [])
      .before(step.id)
    #expect(ground.isDisjoint(with: outcome.undone.map(\.id)))
    let others = outcome.done.map(\.step).filter { !ground.contains($0.id) && $0.action.inverse != nil }
    #expect(outcome.undone == others.reversed())
  }

  @Test("keeps the completed steps with --on-failure stop")
  func stop() {
    let host = faulty([("bind/0000:05:00.0", .refused)])
    let (outcome, journal) = run(allSteps, on: host, onFailure: .stop)
    #expect(outcome.end == .left && outcome.undone == [])
    #expect(!journal.contains { $0.hasPrefix("undo") })
    #expect(host.state[pci("04:00.0")]?.driver == "pci-stub")
  }

  @Test(
    "skips the other steps after a failure, undoes in reverse order and records all of this")
  func journal() {
    let host = faulty([("attach/a/net0/live", .busy)])
    let (_, journal) = run(allSteps.filter { $0.nic == "web" }, on: SimulatedHost(host.state))
    // The name net0 is still in use in the guest, because the steps of the other NIC were left out.
    #expect(
      journal == [
        "starting bind/0000:05:00.0", "done bind/0000:05:00.0", "starting attach/a/net0/persistent",
        "failed attach/a/net0/persistent: refused", "skipped attach/a/net0/live",
        "found attach/a/net0/persistent not-done", "undoing bind/0000:05:00.0", "undone bind/0000:05:00.0",
      ])
  }

  @Test("reports why it cannot undo a step, and undoes the others")
  func undoFails() {
    let host = faulty([("attach/a/net0/live", .refused), ("undo/bind/0000:05:00.0", .busy)])
    let (outcome, journal) = run(allSteps, on: host)
    #expect(outcome.end == .partlyUndone)
    #expect(outcome.undoFailures.map(\.step.id) == ["bind/0000:05:00.0"])
    #expect(outcome.undoFailures.first?.failure.message.contains("busy") ?? false)
    #expect(journal.contains("undo failed bind/0000:05:00.0"))
    #expect(
      Standing(host.state).difference(from: Standing(start))
        == "- 0000:05:00.0: igb, , eth50, free\n+ 0000:05:00.0: vfio-pci, , , free")
  }

  @Test("reports an undo without effect as unverified")
  func undoIgnored() {
    let host = faulty([("attach/a/net0/live", .refused), ("undo/bind/0000:05:00.0", .ignored)])
    let (outcome, _) = run(allSteps, on: host)
    #expect(outcome.undoFailures.map(\.failure.kind) == [.unverified])
  }

  @Test("does not start a step that it cannot record", arguments: allSteps.indices)
  func journalFails(index: Int) {
    let step = allSteps[index]
    let host = SimulatedHost(start)
    let (outcome, journal) = run(allSteps, on: host) { entry in
      if case .starting(step, _) = entry { true } else { false }
    }
    guard outcome.end != .success else { return }
    #expect(outcome.failure?.step == step && outcome.failure?.begun == nil)
    #expect(outcome.failure?.failure.message.names("No space left on device") == true)
    #expect(!journal.contains("starting \(step.id)") && !journal.contains("done \(step.id)"))
    #expect(Standing(host.state) == Standing(start))
  }

  @Test("undoes a step whose end it cannot record", arguments: allSteps.indices)
  func journalFailsAfter(index: Int) {
    let step = allSteps[index]
    let host = SimulatedHost(start)
    let (outcome, _) = run(allSteps, on: host) { entry in
      if case .done(step, _) = entry { true } else { false }
    }
    guard outcome.end != .success else { return }
    #expect(outcome.end == .undone)
    #expect(Standing(host.state) == Standing(start))
  }

  @Test("continues an undo that it cannot record, and reports the journal's failure")
  func journalFailsUndoing() {
    let host = faulty([("attach/a/net0/live", .refused)])
    let (outcome, _) = run(allSteps, on: host) { entry in
      switch entry {
      case .undoing, .undone: true
      default: false
      }
    }
    #expect(outcome.end == .undone && !outcome.journalFailures.isEmpty)
    #expect(Standing(host.state) == Standing(start))
  }

  @Test("restores the host when a guest never answers an unplug request")
  func deaf() {
    var state = start
    state.simulation = Simulation(unplug: ["a": .never])
    let host = SimulatedHost(state)
    let (outcome, _) = run(allSteps, on: host)
    #expect(outcome.failure?.step.id == "detach/a/net0/live" && outcome.failure?.failure.kind == .unanswered)
    #expect(outcome.end == .undone)
    #expect(Standing(host.state) == Standing(start))
  }

  @Test("undoes a bind that fails after its first writes")
  func halfDone() {
    var state = start
    state.functions[2].iommuGroup = nil
    let host = SimulatedHost(state)
    let (outcome, _) = run(allSteps.filter { $0.id == "bind/0000:05:00.0" }, on: host)
    #expect(outcome.end == .undone && outcome.undone.map(\.id) == ["bind/0000:05:00.0"])
    #expect(Standing(host.state) == Standing(state))
  }

  @Test("succeeds where there are no steps")
  func nothing() {
    let (outcome, journal) = run([], on: SimulatedHost(start))
    #expect(outcome.end == .success && journal == [])
  }
}
