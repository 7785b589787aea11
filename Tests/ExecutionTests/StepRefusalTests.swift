import HostModel
import Hosts
import Planning
import TestSupport
import Testing

@testable import Execution

@Suite("A step that is refused at its start")
struct StepRefusalTests {
  private let before = state(
    [nic("03:00.0"), nic("04:00.0")], drivers: .known(["igb", "vfio-pci"]))
  private let plan: Plan

  init() {
    plan = TestSupport.plan(
      host(
        """
        name: lan, select: {address: '0000:03:00.0'}, reserve: true
        name: dmz, select: {address: '0000:04:00.0'}, reserve: true
        """), on: before)
  }

  private func failure(_ change: (inout PCIFunction) -> Void) throws -> HostFailure? {
    var now = before
    change(&now.functions[0])
    let step = try #require(plan.steps.first)
    do throws(HostFailure) {
      try StepJudge(plan, .forward, since: before).ask(step, as: step.action, on: SimulatedHost(now))
      return nil
    } catch { return error }
  }

  @Test("has the code of the guard that refuses it, as in a plan")
  func code() throws {
    #expect(try failure { _ in } == nil)
    let use = try failure { $0.interfaces[0].uses = .known([HostUse(.address, "192.0.2.10/24")]) }
    #expect(use?.kind == .refused && use?.refusal == .hostNetwork && use?.code == "host-network")
    let unknown = try failure { $0.interfaces[0].uses = .unavailable("not root") }
    #expect(unknown?.kind == .refused && unknown?.code == "unavailable")
    let other = try failure { $0.id = PCIID(vendor: 0x15b3, device: 0x1017) }
    #expect(other?.kind == .refused && other?.code == "changed")
  }

  @Test("has the kind of failure as its code where no guard refuses it")
  func kinds() {
    for kind in HostFailure.Kind.allCases { #expect(HostFailure(kind, "no").code == kind.rawValue) }
  }

  @Test("changes nothing where a process has the function open")
  func held() throws {
    let start = state([nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")])
    let plan = TestSupport.plan(host("name: lan, select: {address: '0000:03:00.0'}"), on: start)
    #expect(plan.ids == ["bind/0000:03:00.0"])
    var now = start
    now.functions[0].holders = .known([qemu])
    let host = SimulatedHost(now)
    let outcome = Executor(host: host, onFailure: .undo) { _ in }
      .run(plan.steps, judgedBy: StepJudge(plan, .forward, since: start))
    let failure = outcome.failure?.failure
    #expect(failure?.kind == .inUse && failure?.code == "in-use")
    #expect(failure?.message.names("0000:03:00.0") == true)
    #expect(host.state.functions == now.functions)
  }
}
