import Execution
import HostModel
import Hosts
import Manifests
import Planning
import TestSupport
import Testing

@Suite("A simulated kernel without driver_override")
struct SimulatedNewIDTests {
  private let reserved = host("name: lan, select: {address: '0000:03:00.0'}, reserve: true")

  private func old(_ functions: [PCIFunction], drivers: [String] = ["igb", "vfio-pci"]) -> HostState {
    state(functions, drivers: .known(drivers)) { $0.simulation = Simulation(isWithoutOverride: true) }
  }

  private func plan(_ state: HostState, isLegacy: Bool) -> Plan {
    var request = request(reserved)
    request.legacyNewID = isLegacy
    return Planner.plan(request, on: state)
  }

  private func run(_ plan: Plan, on host: SimulatedHost) -> Outcome {
    Executor(host: host, journal: { _ in }).run(plan.steps)
  }

  @Test("refuses a bind without --legacy-new-id before any write, and names that flag")
  func withoutFlag() {
    let start = old([nic("03:00.0")])
    let host = SimulatedHost(start)
    let outcome = run(plan(start, isLegacy: false), on: host)
    #expect(outcome.failure?.failure.kind == .unsupported && outcome.end == .undone)
    #expect(outcome.failure?.failure.help?.contains("--legacy-new-id") ?? false)
    #expect(host.state == start)
  }

  @Test("binds a NIC there and back with --legacy-new-id, and writes no override")
  func thereAndBack() {
    let start = old([nic("03:00.0"), nic("04:00.0")], drivers: ["igb"])
    let there = plan(start, isLegacy: true)
    let host = SimulatedHost(start)
    #expect(run(there, on: host).end == .success)
    #expect(host.state[pci("03:00.0")]?.driver == "vfio-pci")
    #expect(host.state[pci("03:00.0")]?.driverOverride == nil)
    #expect(host.state[pci("04:00.0")]?.driver == "igb")
    #expect(plan(host.state, isLegacy: true).isEmpty)
    let back = Planner.rollback(of: there, on: host.state)
    #expect(back.codes == [] && run(back, on: host).end == .success)
    #expect(Standing(host.state) == Standing(start))
  }

  @Test("refuses a bind while a card of the same ID has no driver, and changes neither card")
  func otherCard() {
    let start = old([nic("03:00.0"), nic("04:00.0", driver: nil)])
    let host = SimulatedHost(start)
    let outcome = run(plan(start, isLegacy: true), on: host)
    #expect(outcome.failure?.failure.message.names("0000:04:00.0") == true)
    #expect(outcome.end == .undone && host.state == start)
  }

  @Test("removes the ID after the bind, so that a card that is unbound later stays unbound")
  func idIsGone() throws {
    let start = old([nic("03:00.0"), nic("04:00.0")])
    let host = SimulatedHost(start)
    #expect(run(plan(start, isLegacy: true), on: host).end == .success)
    let free = Action.bind(
      pci("04:00.0"), from: Binding(driver: "igb", override: nil), to: Binding(driver: nil, override: nil))
    try host.perform(free, step: "test")
    #expect(host.state[pci("04:00.0")]?.driver == nil)
    // Only igb supports the ID now.
    let failure = #expect(throws: HostFailure.self) {
      try host.perform(
        .bind(
          pci("04:00.0"), from: Binding(driver: nil, override: nil),
          to: Binding(driver: "vfio-pci", override: nil)), step: "test")
    }
    #expect(failure?.kind == .unsupported)
  }

  @Test("binds the native driver again where a later step fails")
  func undone() {
    var start = old([nic("03:00.0"), nic("04:00.0")])
    start.simulation?.faults = [Simulation.Fault(step: "bind/0000:04:00.0", effect: .refused)]
    var request = request(
      host(
        """
        name: lan, select: {address: '0000:03:00.0'}, reserve: true
        name: dmz, select: {address: '0000:04:00.0'}, reserve: true
        """))
    request.legacyNewID = true
    let host = SimulatedHost(start)
    let outcome = run(Planner.plan(request, on: start), on: host)
    #expect(outcome.end == .undone && outcome.undone.map(\.id) == ["bind/0000:03:00.0"])
    #expect(Standing(host.state) == Standing(start))
  }
}
