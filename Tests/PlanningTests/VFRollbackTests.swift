import HostModel
import Hosts
import Planning
import TestSupport
import Testing

@Suite("Rollback with VFs")
struct VFRollbackTests {
  private let winxp = guest(
    "winxp", "name: net0, from: pool/0, mac: '52:54:00:00:00:01', vlan: 7, trust: true")

  private func done(_ plan: Plan, on state: HostState, upTo count: Int? = nil) throws -> HostState {
    let host = SimulatedHost(state)
    for step in plan.steps.prefix(count ?? plan.steps.count) {
      try host.perform(host.refreshed(step.action), step: step.id)
    }
    return host.state
  }

  private func words(_ state: HostState) -> [String] {
    state.functions.map { function in
      let settings = function.virtualFunction.map { "\($0.settings.value?.description ?? "?")" } ?? ""
      let sriov = function.sriov.map { "\(VFSet(count: $0.count, autoprobe: $0.autoprobe))" } ?? ""
      return "\(function.address) \(Binding(of: function)) \(settings)\(sriov)"
    } + (state.libvirt.value ?? []).map { "\($0.name): \($0.persistent ?? []) \($0.live ?? [])" }
  }

  @Test("device, driver and settings are undone before the new VFs are deleted")
  func whole() throws {
    let start = state(pool(), libvirt: [running("winxp")])
    let there = plan(poolHost(2), winxp, on: start)
    let now = try done(there, on: start)
    #expect(now[pci("03:10.0")]?.driver == "vfio-pci")
    let back = Planner.rollback(of: there, on: now)
    #expect(back.codes == [])
    #expect(
      back.ids == [
        "undo/attach/winxp/net0/live", "undo/attach/winxp/net0/persistent", "undo/bind/0000:03:10.0",
        "undo/configure/0000:03:10.0", "undo/resize/0000:03:00.0",
      ])
    #expect(back.before("undo/resize/0000:03:00.0").count == 4)
    #expect(try words(done(back, on: now)) == words(start))
  }

  @Test(
    "of a plan that stopped after any of its steps, the applied steps are undone",
    arguments: 0...5)
  func part(count: Int) throws {
    let start = state(pool(), libvirt: [running("winxp")])
    let there = plan(poolHost(2), winxp, on: start)
    let now = try done(there, on: start, upTo: count)
    let back = Planner.rollback(of: there, on: now)
    #expect(back.codes == [] && back.steps.count == count)
    #expect(try words(done(back, on: now)) == words(start))
  }

  @Test("VFs that were replaced are created again with their drivers and settings")
  func replaced() throws {
    let set = VFSettings(
      mac: mac("02:00:00:00:00:01"), vlan: VLAN(id: 9, qos: 1), trust: true, spoofCheck: false,
      linkState: .auto, rate: VFSettings.Rate(min: 0, max: 100))
    let start = state(pool(count: 2, autoprobe: false, eachVF: onVFIO)).setting("03:10.2", .known(set))
    let there = plan(poolHost(3), on: start)
    let now = try done(there, on: start)
    #expect(now[pci("03:10.4")] != nil && now[pci("03:10.2")]?.driver == nil)
    #expect(now[pci("03:10.2")]?.virtualFunction?.settings == .known(.initial))
    let back = Planner.rollback(of: there, on: now)
    #expect(back.codes == [])
    #expect(
      back.before("undo/release/0000:03:10.0") == ["undo/resize/0000:03:00.0"])
    #expect(try words(done(back, on: now)) == words(start))
  }

  /// Two VFs of a shut-off guest and the plan that exchanges their MAC addresses; VLAN and trust of one change
  /// in the same step.
  private func exchange() throws -> (start: HostState, there: Plan) {
    func set(_ last: Int) -> Observed<VFSettings> {
      var settings = VFSettings.initial
      settings.mac = mac("52:54:00:00:00:0\(last)")
      return .known(settings)
    }
    let start = state(
      pool(count: 2, autoprobe: false, eachVF: onVFIO),
      libvirt: [off("winxp", [marked("03:10.0", "net0"), marked("03:10.2", "net1")])]
    ).setting("03:10.0", set(1)).setting("03:10.2", set(2))
    let there = plan(
      poolHost(2),
      guest(
        "winxp",
        "name: net0, from: pool/0, mac: '52:54:00:00:00:02', vlan: 7, trust: true\n"
          + "name: net1, from: pool/1, mac: '52:54:00:00:00:01'"), on: start)
    #expect(
      there.ids == ["free-mac/0000:03:10.0", "configure/0000:03:10.2", "configure/0000:03:10.0"])
    return (start, there)
  }

  @Test(
    "VFs that exchange their MAC addresses get them back in reverse order, after any of the steps",
    arguments: 0...3)
  func exchanged(count: Int) throws {
    let (start, there) = try exchange()
    let now = try done(there, on: start, upTo: count)
    let states = Planner.states(of: there, on: HostIndex(now))
    #expect(states == (0..<3).map { $0 < count ? .done : .notDone })
    let back = Planner.rollback(of: there, on: now)
    #expect(back.codes == [])
    #expect(back.ids == there.ids.prefix(count).reversed().map { "undo/\($0)" })
    #expect(try words(done(back, on: now)) == words(start))
  }

  @Test("a step that has set only some of the settings is neither done nor undone")
  func exchangedPartly() throws {
    let (start, there) = try exchange()
    var half = VFSettings.initial
    half.mac = mac("52:54:00:00:00:02")
    let now = try done(there, on: start, upTo: 2).setting("03:10.0", .known(half))
    let states = Planner.states(of: there, on: HostIndex(now))
    #expect(states.prefix(2) == [.done, .done])
    if case .other = states[2] {} else { Issue.record("\(states)") }
    let back = Planner.rollback(of: there, on: now, inDoubt: ["configure/0000:03:10.0"])
    #expect(back.codes == [] && back.ids.count == 3)
    #expect(try words(done(back, on: now)) == words(start))
  }

  @Test("a MAC address that was set by hand since is not undone", arguments: [1, 2, 3])
  func exchangedSince(count: Int) throws {
    let (start, there) = try exchange()
    var other = VFSettings.initial
    (other.mac, other.vlan, other.trust) = (mac("52:54:00:00:00:99"), VLAN(id: 7), true)
    let now = try done(there, on: start, upTo: count).setting("03:10.0", .known(other))
    #expect(Planner.rollback(of: there, on: now).codes.contains(.changed))
  }

  @Test("after a reboot without the VFs, only the device in the definition is removed")
  func afterReboot() throws {
    let start = state(pool(), libvirt: [off("winxp")])
    let there = plan(poolHost(2), winxp, on: start)
    var now = try done(there, on: start)
    now.functions = start.functions
    let back = Planner.rollback(of: there, on: now)
    #expect(back.codes == [] && back.ids == ["undo/attach/winxp/net0/persistent"])
    #expect(try words(done(back, on: now)) == words(start))
  }

  @Test(
    "VFs that came into use since are not deleted",
    arguments: ["guest", "definition", "process"])
  func underUse(who: String) throws {
    let start = state(pool(), libvirt: [off("other")])
    let there = plan(poolHost(2), on: start)
    var now = try done(there, on: start)
    var values = ["0000:03:10.0", "4711", "qemu-system-x86"]
    switch who {
    case "guest":
      now.libvirt = .known([running("other", [], live: [foreign("03:10.0")])])
      values = ["other", "0000:03:10.0", "hostdev0"]
    case "definition":
      now.libvirt = .known([off("other", [foreign("03:10.0")])])
      values = ["other", "0000:03:10.0", "hostdev0"]
    default: now = now.changing("03:10.0") { $0.holders = .known([qemu]) }
    }
    let back = Planner.rollback(of: there, on: now)
    #expect(back.codes == [.inUse])
    #expect(back.refusals.first?.details.names(values) == true)
  }

  @Test("VFs of which the host uses one are not deleted")
  func hostUses() throws {
    let start = state(pool())
    let there = plan(poolHost(2), on: start)
    let now = try done(there, on: start).changing("03:10.0") {
      $0.driver = "igbvf"
      $0.interfaces = [NetworkInterface(name: "eth9", uses: .known([HostUse(.address, "192.0.2.7/24")]))]
    }
    let back = Planner.rollback(of: there, on: now)
    #expect(back.codes == [.hostNetwork])
  }

  @Test("a NIC that was split into VFs since is not unbound")
  func dividedSince() throws {
    let start = state([nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")])
    let there = plan(plainHost, on: start)
    #expect(there.ids == ["bind/0000:03:00.0"])
    let back = Planner.rollback(of: there, on: state(pool(count: 2)))
    #expect(back.codes == [.virtualFunctions])
    #expect(back.refusals.first?.details.count == 2)
    #expect(Planner.rollback(of: there, on: state(pool())).codes == [])
  }

  @Test("a PF returns to vfio-pci after the VFs that the plan created are deleted")
  func dividedByPlan() throws {
    let start = state(pool(driver: "vfio-pci") { $0.driverOverride = "vfio-pci" })
    let there = plan(poolHost(2), on: start)
    let now = try done(there, on: start)
    let back = Planner.rollback(of: there, on: now)
    #expect(back.codes == [] && back.ids == ["undo/resize/0000:03:00.0", "undo/bind/0000:03:00.0"])
    #expect(try words(done(back, on: now)) == words(start))
  }

  @Test("a number of VFs that changed since is refused, with the number found")
  func changedSince() throws {
    let start = state(pool())
    let there = plan(poolHost(2), on: start)
    let back = Planner.rollback(of: there, on: state(pool(count: 5, autoprobe: false)))
    #expect(back.codes == [.changed])
    #expect(back.refusals.first?.details.names(["0000:03:00.0", "5"]) == true)
  }

  @Test("settings that changed since are refused with the values found, and unknown ones, too")
  func settingsChangedSince() throws {
    let start = state(
      pool(count: 1, autoprobe: false, eachVF: onVFIO), libvirt: [off("winxp", [marked("03:10.0", "net0")])])
    let there = plan(poolHost(1), winxp, on: start)
    #expect(there.ids == ["configure/0000:03:10.0"])
    var settings = try #require(done(there, on: start)[pci("03:10.0")]?.virtualFunction?.settings.value)
    settings.vlan = VLAN(id: 99)
    let back = Planner.rollback(of: there, on: start.setting("03:10.0", .known(settings)))
    #expect(back.codes == [.changed])
    #expect(back.refusals.first?.details.names(["0000:03:10.0", "52:54:00:00:00:01", "99"]) == true)
    let unknown = Planner.rollback(of: there, on: start.setting("03:10.0", .unavailable("not root")))
    #expect(unknown.codes == [.changed])
  }

  @Test("a saved plan with VFs is read as it was written")
  func saved() throws {
    let start = state(pool(count: 2, autoprobe: false, eachVF: onVFIO), libvirt: [running("winxp")])
    let plan = plan(poolHost(3), winxp, on: start)
    #expect(plan.codes == [])
    let read = try roundTrip(plan)
    #expect(read.steps == plan.steps && read.facts == plan.facts)
  }
}
