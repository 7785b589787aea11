import HostModel
import Hosts
import Planning
import TestSupport
import Testing

@testable import Execution

@Suite("The last change of a NIC")
struct LastChangeTests {
  private static let start = TestSupport.state([nic("03:00.0"), nic("04:00.0")], libvirt: [running("a")])

  private func entries(_ plan: Plan) -> [JournalEntry] {
    plan.steps.flatMap { step -> [JournalEntry] in
      [.starting(step, as: step.action), .done(step, took: .zero)]
    } + [.ended(.success)]
  }

  private func done(_ plan: Plan, on state: HostState) -> HostState {
    let simulated = SimulatedHost(state)
    _ = Executor(host: simulated, journal: { _ in }).run(plan.steps)
    return simulated.state
  }

  private func told(_ lastChanges: [LastChange]) -> [String] {
    lastChanges.map { "\($0.journal.id) \($0.effect.step.id) \($0.state) \($0.rolledBackBy ?? 0)" }
  }

  @Test("is the last step of each kind, with whether it is still in effect")
  func last() {
    let after = done(smallPlan, on: Self.start)
    let first = journal(1, header(), entries(smallPlan))
    let all = [
      "1 bind/0000:03:00.0 done 0", "1 attach/a/net0/persistent done 0", "1 attach/a/net0/live done 0",
    ]
    #expect(told(LastChange.last(to: pci("03:00.0"), partOf: nil, in: [first], on: HostIndex(after))) == all)
    // A later apply that did not change the NIC does not count.
    let other = journal(
      2, header(), entries(smallPlan).filter { "\($0)".contains("04:00.0") } + [.ended(.success)])
    #expect(
      told(LastChange.last(to: pci("03:00.0"), partOf: nil, in: [first, other], on: HostIndex(after))) == all)
    #expect(
      told(LastChange.last(to: pci("04:00.0"), partOf: nil, in: [first, other], on: HostIndex(after)))
        == ["2 bind/0000:04:00.0 done 0"])
    #expect(LastChange.last(to: pci("05:00.0"), partOf: nil, in: [first], on: HostIndex(after)).isEmpty)
    // An operator has detached the device by hand.
    var drifted = after
    drifted.libvirt = .known([running("a", [marked("03:00.0", "net0")], live: [])])
    #expect(
      told(LastChange.last(to: pci("03:00.0"), partOf: nil, in: [first], on: HostIndex(drifted))).last
        == "1 attach/a/net0/live notDone 0")
  }

  @Test("is a step of the rollback where one followed, and names the apply that it rolled back")
  func rolledBack() {
    let after = done(smallPlan, on: Self.start)
    let back = Planner.rollback(of: smallPlan, on: after)
    let first = journal(1, header(), entries(smallPlan))
    let second = journal(2, header(back, .rollback(of: 1, only: [])), entries(back))
    let lastChanges = LastChange.last(
      to: pci("03:00.0"), partOf: nil, in: [first, second], on: HostIndex(done(back, on: after)))
    #expect(lastChanges.map(\.journal.id) == [2, 2, 2])
    #expect(lastChanges.allSatisfy { $0.state == .done })
    // A rollback without a step for the NIC counts as a rollback of its change nevertheless.
    let part = journal(
      2, header(back, .rollback(of: 1, only: [])), entries(back).filter { !"\($0)".contains("04:00.0") })
    #expect(
      told(LastChange.last(to: pci("04:00.0"), partOf: nil, in: [first, part], on: HostIndex(after)))
        == ["1 bind/0000:04:00.0 done 2"])
  }

  @Test("includes the resize that created it where the NIC is a VF")
  func ofVF() throws {
    let port = nic("03:00.0") {
      $0.sriov = SRIOV(
        total: 7, count: 0, autoprobe: true, offset: 128, stride: 2, deviceID: PCIIDHalf(0x10ca))
    }
    let start = TestSupport.state([port], libvirt: [off("a")])
    let plan = plan(
      host("name: pool, select: {address: '0000:03:00.0'}, virtualFunctions: {count: 2}")
        + guest("a", "name: net0, from: pool/0"), on: start)
    let after = done(plan, on: start)
    let lastChanges = LastChange.last(
      to: pci("03:10.0"), partOf: pci("03:00.0"), in: [journal(1, header(plan), entries(plan))],
      on: HostIndex(after))
    #expect(lastChanges.first?.effect.step.id == "resize/0000:03:00.0")
    #expect(lastChanges.count > 1 && lastChanges.allSatisfy { $0.state == .done })
  }

  @Test("needs no journals older than the last apply")
  func recent() throws {
    try withFolder { folder in
      let store = JournalStore(folder)
      #expect(try store.recent().lastApply == nil)
      for task in [Journal.RunKind.apply, .apply, .rollback(of: 2, only: [])] {
        let file = try store.begin(header(smallPlan, task), keep: 100)
        for entry in entries(smallPlan) { try file.append(entry) }
      }
      let recent = try store.recent()
      #expect(recent.journals.map(\.id) == [2, 3])
      #expect(recent.lastApply?.id == 2 && recent.open == nil && recent.awaitingConfirmation == nil)
      _ = try store.begin(header(confirmWithin: 60), keep: 100)
      #expect(try store.recent().open?.id == 4)
    }
  }
}
