import Documents
import Execution
import Glibc
import HostModel
import Hosts
import Planning
import Synchronization
import TestSupport
import Testing

/// Two NICs of two cards, which share no resource.
private let manifests = host(
  """
  name: lan, select: {address: '0000:03:00.0'}, reserve: true
  name: dmz, select: {address: '0000:04:00.0'}, reserve: true
  """)

private let start = state([nic("03:00.0"), nic("04:00.0")])
private let steps = plan(manifests, on: start).steps

/// A simulated host on which each step waits until another one has started, or a time has passed.
private final class MeetingHost: Host {
  private let host: SimulatedHost
  private let begun = Mutex<Set<String>>([])
  private let time: Duration
  /// The steps that ran at the same time as another one.
  let met = Mutex<Set<String>>([])

  init(_ state: HostState, waiting time: Duration) {
    host = SimulatedHost(state)
    self.time = time
  }

  var state: HostState { host.state }

  func observe() throws(Diagnostics) -> HostState { try host.observe() }
  func observe(after actions: [Action], since before: HostState) throws(Diagnostics) -> HostState {
    try host.observe()
  }
  func observe(about action: Action, since before: HostState) throws(Diagnostics) -> HostState {
    try host.observe()
  }
  func setInterfaceUp(_ address: PCIAddress) throws(HostFailure) { try host.setInterfaceUp(address) }
  func start(_ domain: String) throws(HostFailure) { try host.start(domain) }
  func remember(_ state: HostState) throws(Diagnostics) {}
  func remember(_ change: AssignmentChange) throws(Diagnostics) {}
  func refreshed(_ action: Action) throws(HostFailure) -> Action { try host.refreshed(action) }
  func state(of action: Action) throws(HostFailure) -> StepState { try host.state(of: action) }
  func settle(_ action: Action, begun ago: Duration) {}

  func perform(_ action: Action, step: String) throws(HostFailure) {
    begun.withLock { _ = $0.insert(step) }
    let end = ContinuousClock.now + time
    while begun.withLock({ $0.count }) < 2, .now < end { usleep(1000) }
    if begun.withLock({ $0.count }) == 2 { met.withLock { _ = $0.insert(step) } }
    try host.perform(action, step: step)
    begun.withLock { _ = $0.remove(step) }
  }
}

@Suite("Steps that run at the same time, on threads")
struct SideBySideTests {
  @Test("Two steps that share no resource run at the same time only with more than one job")
  func overlap() {
    let apart = MeetingHost(start, waiting: .milliseconds(50))
    #expect(Executor(host: apart, journal: { _ in }).run(steps, on: HostIndex(start)).end == .success)
    #expect(apart.met.withLock { $0 } == [])
    let together = MeetingHost(start, waiting: .seconds(30))
    let outcome = Executor(host: together, order: .jobs(2), journal: { _ in }).run(
      steps, on: HostIndex(start))
    #expect(outcome.end == .success && outcome.completed.count == 2)
    #expect(together.met.withLock { !$0.isEmpty })
    #expect(plan(manifests, on: together.state).isEmpty)
  }

  @Test("Two steps that share no resource are undone at the same time")
  func undone() {
    let host = MeetingHost(start, waiting: .milliseconds(1))
    let there = Executor(host: host, journal: { _ in }).run(steps, on: HostIndex(start))
    let together = MeetingHost(host.state, waiting: .seconds(30))
    let back = Executor(host: together, order: .jobs(2), journal: { _ in })
      .back(there.done, completed: there.completed, on: HostIndex(start))
    #expect(back.end == .undone && back.undone.count == 2)
    #expect(together.met.withLock { !$0.isEmpty })
    #expect(Standing(together.state) == Standing(start))
  }

  @Test("After a failure, steps in progress finish and are undone, and no other step starts")
  func failure() {
    let third = state([nic("03:00.0"), nic("04:00.0"), nic("05:00.0")]) {
      $0.simulation = Simulation(faults: [.init(step: "bind/0000:03:00.0", effect: .refused)])
    }
    let all = plan(
      host(
        """
        name: lan, select: {address: '0000:03:00.0'}, reserve: true
        name: dmz, select: {address: '0000:04:00.0'}, reserve: true
        name: web, select: {address: '0000:05:00.0'}, reserve: true
        """), on: third
    ).steps
    var entries: [String] = []
    let host = MeetingHost(third, waiting: .seconds(30))
    let outcome = Executor(host: host, order: .jobs(2), journal: { entries.append($0.kind) }).run(
      all, on: HostIndex(third))
    #expect(outcome.end == .undone && outcome.failures.map(\.step.nic) == ["lan"])
    // The third step may have started before the failure of the first was known.
    #expect(outcome.completed.contains { $0.nic == "dmz" })
    #expect(Set(outcome.undone.compactMap(\.nic)) == Set(outcome.completed.compactMap(\.nic)))
    #expect(outcome.completed.count + outcome.skipped.count == 2)
    #expect(entries.filter { $0 == "starting" }.count == outcome.completed.count + 1)
    #expect(Standing(host.state) == Standing(third))
  }

  @Test("A stop request lets the step in progress finish, then rolls back all steps")
  func stopped() {
    let isStopped = Mutex(false)
    let host = SimulatedHost(start)
    let executor = Executor(
      host: host, order: .jobs(2), stop: { isStopped.withLock { $0 } ? "stopped" : nil },
      journal: { entry in if entry.kind == "starting" { isStopped.withLock { $0 = true } } })
    let outcome = executor.run(steps, on: HostIndex(start))
    #expect(outcome.end == .undone && Standing(host.state) == Standing(start))
    #expect(outcome.completed.count + outcome.failures.count + outcome.skipped.count == 2)
  }

  @Test("Steps that depend on each other in a cycle are refused", arguments: [1, 8])
  func circle(jobs: Int) {
    var circle = steps
    circle[0].after = [circle[1].id]
    circle[1].after = [circle[0].id]
    let host = SimulatedHost(start)
    let outcome = Executor(host: host, order: .jobs(jobs), journal: { _ in }).run(
      circle, on: HostIndex(start))
    #expect(outcome.end == .undone && outcome.failure?.failure.kind == .refused)
    #expect(outcome.completed == [] && outcome.skipped == [circle[1]])
    #expect(Standing(host.state) == Standing(start))
  }

  @Test("A run whose steps hang ends as stuck")
  func stuck() {
    var hanging = start
    hanging.simulation = Simulation(faults: steps.map { .init(step: $0.id, effect: .hang) })
    let outcome = Executor(host: SimulatedHost(hanging), order: .jobs(2), journal: { _ in })
      .run(steps, on: HostIndex(hanging))
    #expect(outcome.end == .stuck)
    #expect(Set(outcome.failures.map(\.failure.kind)) == [.stuck] && !outcome.failures.isEmpty)
  }
}

extension JournalEntry {
  fileprivate var kind: String {
    switch self {
    case .starting: "starting"
    case .done: "done"
    default: "other"
    }
  }
}
