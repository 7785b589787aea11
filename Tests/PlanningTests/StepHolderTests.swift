import HostModel
import Hosts
import Planning
import TestSupport
import Testing

@Suite("The check of open functions at a step")
struct StepHolderTests {
  private let lan = host("name: lan, select: {address: '0000:03:00.0'}")
  private let winxp = guest("winxp", "name: net0, from: lan, bind: now")
  private let onVFIO = nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")
  private let answers: [Observed<[Holder]>] = [
    .known([]), .known([qemu]), .unavailable("no processes were looked at"),
  ]

  /// Returns the refusals of each step, one for each set of holders in `answers`.
  private func refusals(of plan: Plan, on state: HostState) throws -> [String: [Refusal.Code?]] {
    let judge = StepJudge(plan, .forward, since: state)
    var result: [String: [Refusal.Code?]] = [:]
    for (number, step) in plan.steps.enumerated() where step.action.function != nil {
      let host = SimulatedHost(state)
      for step in plan.steps.prefix(number) { try host.perform(step.action, step: step.id) }
      var now = host.state
      result[step.id] = answers.map {
        now.functions[0].holders = $0
        return judge.refusal(of: step, on: now)?.code
      }
    }
    return result
  }

  @Test("is not needed for a definition or a detach, nor for a bind, which makes it itself")
  func without() throws {
    let state = state([onVFIO], libvirt: [running("winxp", [marked("03:00.0", "lan")])])
    let plan = plan(lan, guest("winxp", ""), on: state)
    #expect(plan.ids == ["detach/winxp/lan/live", "detach/winxp/lan/persistent", "bind/0000:03:00.0"])
    #expect(plan.steps.map(\.action.needsHolders) == [false, false, false])
    #expect(try refusals(of: plan, on: state).values.allSatisfy { $0 == [nil, nil, nil] })
  }

  @Test("is needed for a hot-plug")
  func plugged() throws {
    let state = state([onVFIO], libvirt: [running("winxp", [])])
    let plan = plan(lan, winxp, on: state)
    #expect(plan.ids == ["attach/winxp/net0/persistent", "attach/winxp/net0/live"])
    #expect(plan.steps.map(\.action.needsHolders) == [false, true])
    let refusals = try refusals(of: plan, on: state)
    #expect(refusals["attach/winxp/net0/persistent"] == [nil, nil, nil])
    #expect(refusals["attach/winxp/net0/live"] == [nil, .inUse, .unavailable])
  }

  @Test("is needed where VFs are deleted, and where VF settings are changed")
  func virtualFunctions() {
    let place = VFLocation(address: pci("03:10.0"), physicalFunction: pci("03:00.0"), index: 0)
    let (none, some) = (VFSet(count: 0, autoprobe: nil), VFSet(count: 2, autoprobe: nil))
    #expect(Action.resize(place.physicalFunction, from: some, to: none).needsHolders)
    #expect(Action.configure(place, from: VFSettings(), to: VFSettings()).needsHolders)
  }
}
