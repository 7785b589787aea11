import Files
import HostModel
import Hosts
import Manifests
import Planning
import TestSupport
import Testing

@testable import Execution

@Suite("The recovery of an interrupted run")
struct RecoveryTests {
  private static let start = TestSupport.state([nic("03:00.0"), nic("04:00.0")], libvirt: [running("a")]) {
    $0.kernel.bootID = "first"
  }
  private static let whole = plan(
    host(
      "name: lan, select: {address: '0000:03:00.0'}\nname: dmz, select: {address: '0000:04:00.0'}, reserve: true"
    )
      + guest("a", "name: net0, from: lan"), on: start)

  /// The host after these steps of the plan.
  private func reached(_ ids: [String]) -> HostState {
    let simulated = SimulatedHost(Self.start)
    _ = Executor(host: simulated, journal: { _ in }).run(Self.whole.steps.filter { ids.contains($0.id) })
    return simulated.state
  }

  private func entries(_ ids: [String]) -> [JournalEntry] {
    Self.whole.steps.filter { ids.contains($0.id) }.flatMap { step -> [JournalEntry] in
      [.starting(step, as: step.action), .done(step, took: .zero)]
    }
  }

  @Test("checks on the host how far each started step has come")
  func findings() throws {
    #expect(
      Self.whole.ids == [
        "bind/0000:03:00.0", "attach/a/net0/persistent", "attach/a/net0/live", "bind/0000:04:00.0",
      ])
    let bind = try #require(Self.whole.step("bind/0000:03:00.0"))
    let written = journal(1, header(Self.whole), [.starting(bind, as: bind.action)])
    func finding(_ state: HostState) -> JournalEntry? {
      Recovery(written, on: HostIndex(state)).entries.first
    }
    #expect(finding(Self.start) == .found(bind, .notDone))
    #expect(finding(reached([bind.id])) == .found(bind, .done))
    var half = Self.start
    half.functions[0].driver = nil
    half.functions[0].driverOverride = "vfio-pci"
    #expect(finding(half) == .found(bind, .partly))
    half.functions.removeFirst()
    #expect(finding(half) == .found(bind, .partly))
    // A step with a recorded end is not checked.
    let known = journal(
      1, header(Self.whole), [.starting(bind, as: bind.action), .done(bind, took: .zero)])
    #expect(Recovery(known, on: HostIndex(half)).findings.isEmpty)
  }

  @Test("plans the steps back and forward from the middle of an apply, or none to leave it")
  func apply() throws {
    let done = ["bind/0000:03:00.0", "attach/a/net0/persistent"]
    let live = try #require(Self.whole.step("attach/a/net0/live"))
    let written = journal(1, header(Self.whole), entries(done) + [.starting(live, as: live.action)])
    let recovery = Recovery(written, on: HostIndex(reached(done)))
    #expect(recovery.plan(.back).ids == ["undo/attach/a/net0/persistent", "undo/bind/0000:03:00.0"])
    #expect(recovery.plan(.forward).ids == ["attach/a/net0/live", "bind/0000:04:00.0"])
    #expect(recovery.plan(.leave).isEmpty)
    let other = Recovery(written, on: HostIndex(reached(done + [live.id])))
    #expect(
      other.plan(.back).ids == [
        "undo/attach/a/net0/live", "undo/attach/a/net0/persistent", "undo/bind/0000:03:00.0",
      ])
    #expect(other.plan(.forward).ids == ["bind/0000:04:00.0"])
  }

  @Test("plans the steps back and forward from the middle of a rollback")
  func rollback() throws {
    let all = reached(Self.whole.ids)
    let back = Planner.rollback(of: Self.whole, on: all)
    #expect(back.ids.count == 4)
    let simulated = SimulatedHost(all)
    let done = Array(back.steps.prefix(2))
    _ = Executor(host: simulated, journal: { _ in }).run(done)
    let written = journal(
      2, header(back, .rollback(of: 1, only: [])),
      done.flatMap { [JournalEntry.starting($0, as: $0.action), .done($0, took: .zero)] })
    let recovery = Recovery(written, on: HostIndex(simulated.state))
    #expect(recovery.plan(.back).ids == done.reversed().map { "undo/\($0.id)" })
    #expect(recovery.plan(.forward).ids == Array(back.ids.dropFirst(2)))
  }

  @Test("refuses to undo a NIC that was changed since, and names the reason")
  func changed() throws {
    let done = ["bind/0000:03:00.0", "bind/0000:04:00.0"]
    var state = reached(done)
    state.functions[1].driver = "uio_pci_generic"
    let recovery = Recovery(journal(1, header(Self.whole), entries(done)), on: HostIndex(state))
    #expect(recovery.plan(.back).codes == [.changed])
    #expect(recovery.plan(.leave).refusals.isEmpty)
  }

  @Test(
    "detects a reboot since the run or its last recovery",
    arguments: [
      (String?.some("first"), [String?](), String?.some("second"), true), ("first", [], "first", false),
      (nil, [], "second", false), ("first", [], nil, false), ("first", ["second"], "second", false),
      ("first", ["second"], "third", true), ("first", ["second", "third"], "first", true),
      ("first", [nil], "second", false),
    ])
  func boots(began: String?, recoveries: [String?], now: String?, isOther: Bool) {
    var state = Self.start
    state.kernel.bootID = now
    let entries = recoveries.map { JournalEntry.recovering(.back, Self.whole, boot: $0) }
    #expect(
      Recovery(journal(1, header(Self.whole, boot: began), entries), on: HostIndex(state)).isOtherBoot
        == isOther)
  }

  @Test("restores only the definition of a guest after a reboot, whether the guest runs or not")
  func anotherBoot() throws {
    let given = Self.start.with { state in
      state.functions[0] = nic(
        "03:00.0", driver: "vfio-pci", override: "vfio-pci",
        holders: .known([Holder(process: 1, command: "qemu")]))
      state.libvirt = .known([running("a", [marked("03:00.0", "net0", at: "00:05.0")])])
    }
    let away = plan(
      host("name: lan, select: {address: '0000:03:00.0'}") + guest("a"), on: given)
    #expect(away.ids.contains("detach/a/net0/live"))
    let simulated = SimulatedHost(given)
    let detaches = away.steps.filter { $0.id.hasPrefix("detach") }
    #expect(Executor(host: simulated, journal: { _ in }).run(detaches).end == .success)
    let written = journal(
      1, header(away, boot: "first"),
      detaches.flatMap { [JournalEntry.starting($0, as: $0.action), .done($0, took: .zero)] })
    let here = Recovery(written, on: HostIndex(simulated.state)).plan(.back)
    #expect(Set(here.ids) == ["undo/detach/a/net0/persistent", "undo/detach/a/net0/live"])
    // In the same boot, a guest that was shut off by hand blocks the recovery.
    var idle = simulated.state
    idle.libvirt = .known([off("a")])
    #expect(Recovery(written, on: HostIndex(idle)).plan(.back).codes == [.changed])
    idle.kernel.bootID = "second"
    let later = Recovery(written, on: HostIndex(idle)).plan(.back)
    #expect(later.refusals.isEmpty)
    #expect(later.ids == ["undo/detach/a/net0/persistent"])
    var runs = simulated.state
    runs.kernel.bootID = "second"
    #expect(Recovery(written, on: HostIndex(runs)).plan(.back).ids == later.ids)
  }

  @Test(
    "shows times in UTC, to the second",
    arguments: [
      (0, "1970-01-01 00:00:00 UTC"), (999, "1970-01-01 00:00:00 UTC"),
      (1_795_706_037_251, "2026-11-26 15:13:57 UTC"),
      (951_782_400_000, "2000-02-29 00:00:00 UTC"), (253_402_300_799_999, "9999-12-31 23:59:59 UTC"),
    ])
  func moments(milliseconds: Int, text: String) {
    #expect("\(Timestamp(milliseconds: milliseconds))" == text)
  }

  @Test("reads the current time")
  func now() {
    let before = Timestamp.now
    #expect(before > Timestamp(milliseconds: 1_700_000_000_000))
    #expect(before.adding(seconds: 90) == Timestamp(milliseconds: before.milliseconds + 90_000))
    #expect(before <= .now)
  }
}

extension HostState {
  fileprivate func with(_ change: (inout HostState) -> Void) -> HostState {
    var state = self
    change(&state)
    return state
  }
}
