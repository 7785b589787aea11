import HostModel
import Hosts
import Planning
import TestSupport
import Testing

@Suite("The number of VFs")
struct VirtualFunctionTests {
  @Test("VFs are created on a PF that has none, with autoprobe off")
  func given() throws {
    let plan = plan(poolHost(3), on: state(pool()))
    #expect(plan.ids == ["resize/0000:03:00.0"] && plan.codes == [] && plan.notices == [])
    let resize = try #require(plan.resize())
    #expect(resize.from == VFSet(count: 0, autoprobe: true))
    #expect(resize.to == VFSet(count: 3, autoprobe: false))
    let step = try #require(plan.steps.first)
    #expect(step.reason == .declared && step.nic == "pool" && step.guest == nil && step.disturbs == .nothing)
    #expect(step.because.names("pool", "3") && step.after == [])
    #expect(step.origin == "t.yaml:5:40")
  }

  @Test("another number replaces all VFs, and their settings are recorded for the rollback")
  func replaced() throws {
    let set = VFSettings(mac: mac("02:00:00:00:00:01"), vlan: VLAN(id: 7), trust: true)
    let state = state(pool(count: 2, autoprobe: false)).setting("03:10.2", .known(set))
    let plan = plan(poolHost(3), on: state)
    let resize = try #require(plan.resize())
    #expect(resize.from == VFSet(count: 2, autoprobe: false, settings: [.initial, set]))
    #expect(resize.to == VFSet(count: 3, autoprobe: false))
    #expect(plan.steps.first?.because.names("pool", "3") == true)
  }

  @Test(
    "an equal number needs no step, whatever created the VFs and whatever their driver",
    arguments: [true, false])
  func equal(autoprobe: Bool) {
    let state = state(
      pool(count: 2, autoprobe: autoprobe) { _ in
      } eachVF: {
        $0.driver = "igbvf"
      })
    let plan = plan(poolHost(2), on: state)
    #expect(plan.isEmpty && plan.codes == [])
  }

  @Test("0 deletes the VFs and turns autoprobe on again")
  func takenAway() throws {
    let plan = plan(poolHost(0), on: state(pool(count: 2, autoprobe: false)))
    #expect(plan.ids == ["resize/0000:03:00.0"])
    #expect(try #require(plan.resize()).to == VFSet(count: 0, autoprobe: true))
    #expect(plan.steps.first?.because.names("pool") == true)
  }

  @Test(
    "a deletion of VFs has one note that definitions of shut-off guests are unknown, where libvirt is",
    arguments: [0, 3])
  func unknownDefinitions(count: Int) throws {
    let unknown = state(pool(count: 2, autoprobe: false, eachVF: onVFIO)) {
      $0.libvirt = .unavailable("daemon down")
    }
    let plan = plan(poolHost(count), on: unknown)
    #expect(plan.codes == [] && plan.ids.contains("resize/0000:03:00.0"))
    #expect(plan.notices.map(\.code) == [.unknown] && plan.notices.map(\.nic) == ["pool"])
    #expect(plan.notices.first?.message.names("0000:03:00.0", "daemon down") == true)
    // Whether the VFs are unused is not known either.
    #expect(!plan.guards.contains { $0.which == .inUse && $0.function == pci("03:00.0") })
    let known = TestSupport.plan(poolHost(count), on: state(pool(count: 2, autoprobe: false, eachVF: onVFIO)))
    #expect(known.notices == [])
    #expect(known.guards.contains { $0.which == .inUse && $0.function == pci("03:00.0") })
    let created = TestSupport.plan(
      poolHost(2), on: state(pool()) { $0.libvirt = .unavailable("daemon down") })
    #expect(created.notices == [])
    let made = SimulatedHost(state(pool()))
    for step in created.steps { try made.perform(step.action, step: step.id) }
    var now = made.state
    now.libvirt = .unavailable("daemon down")
    let back = Planner.rollback(of: created, on: now)
    #expect(back.codes == [] && back.notices.map(\.code) == [.unknown])
  }

  @Test("0 needs no step where there are no VFs, also on a card without SR-IOV")
  func none() {
    #expect(plan(poolHost(0), on: state(pool())).isEmpty)
    let plain = plan(poolHost(0), on: state([nic("03:00.0")]))
    #expect(plain.isEmpty && plain.codes == [])
  }

  @Test("a NIC without a declared number keeps its VFs")
  func undeclared() {
    let plan = plan(plainHost, on: state(pool(count: 2, eachVF: onVFIO)))
    #expect(plan.isEmpty && plan.codes == [])
  }

  @Test("on a kernel without sriov_drivers_autoprobe, it is neither set nor restored")
  func withoutAutoprobe() throws {
    let plan = plan(poolHost(1), on: state(pool(autoprobe: nil)))
    let resize = try #require(plan.resize())
    #expect(resize.from.autoprobe == nil && resize.to.autoprobe == nil)
  }

  @Test("more VFs than the card supports are refused")
  func tooMany() {
    let plan = plan(poolHost(8), on: state(pool()))
    #expect(plan.codes == [.virtualFunctions] && plan.ids == [])
    #expect(plan.refusals.first?.message.names("0000:03:00.0", "7", "8") == true)
    #expect(TestSupport.plan(poolHost(7), on: state(pool())).codes == [])
  }

  @Test("a card without SR-IOV is refused, with what is needed")
  func incapable() {
    let plan = plan(poolHost(1), on: state([nic("03:00.0")]))
    #expect(plan.codes == [.virtualFunctions] && plan.ids == [])
    #expect(plan.refusals.first?.message.names("0000:03:00.0") == true)
    #expect(plan.refusals.first?.help?.contains("firmware") ?? false)
    #expect(plan.refusals.first?.nic == "pool")
  }

  @Test("a PF on vfio-pci is bound to its native driver first")
  func comesBack() {
    let plan = plan(poolHost(2), on: state(pool(driver: "vfio-pci")))
    #expect(plan.ids == ["bind/0000:03:00.0", "resize/0000:03:00.0"] && plan.codes == [])
    #expect(plan.binding("03:00.0") == "vfio-pci → igb")
    #expect(plan.step("resize/0000:03:00.0")?.after == ["bind/0000:03:00.0"])
  }

  @Test("a PF is detached from its guest, bound to its native driver, then split into VFs")
  func detachedFromGuest() {
    let held = pool(driver: "vfio-pci") { $0.holders = .known([qemu]) }
    let plan = plan(
      poolHost(2), guest("winxp"), on: state(held, libvirt: [running("winxp", [marked("03:00.0", "net0")])]))
    #expect(plan.codes == [])
    #expect(
      plan.before("resize/0000:03:00.0")
        == ["bind/0000:03:00.0", "detach/winxp/net0/live", "detach/winxp/net0/persistent"])
  }

  @Test("a PF without a known native driver is not split into VFs")
  func noDriver() {
    let plan = plan(poolHost(2), on: state(pool(driver: nil) { $0.nativeDriver = nil }))
    #expect(plan.codes == [.virtualFunctions] && plan.ids == [])
    #expect(plan.refusals.first?.message.names("0000:03:00.0") == true)
  }

  @Test("a PF on another tool's driver is not split into VFs")
  func foreignDriver() {
    let plan = plan(poolHost(2), on: state(pool(driver: "uio_pci_generic")))
    #expect(plan.codes == [.ownership] && plan.ids == [])
  }

  @Test("a PF that has VFs is neither reserved nor assigned", arguments: ["reserve", "claim"])
  func whole(how: String) {
    let reserved = host("name: pool, select: {address: '0000:03:00.0'}, reserve: true")
    let manifests = how == "reserve" ? reserved : plainHost + guest("winxp", "name: net0, from: pool")
    let plan = plan(manifests, on: state(pool(count: 2), libvirt: [off("winxp")]))
    #expect(plan.codes == [.virtualFunctions] && plan.ids == [])
    #expect(plan.refusals.first?.message.names("0000:03:00.0", "2") == true)
    #expect(plan.refusals.first?.details.map { $0.prefix(12) } == ["0000:03:10.0", "0000:03:10.2"])
  }

  @Test("the VFs of a PF that is not on its native driver are not changed", arguments: [0, 2, 3])
  func dividedElsewhere(count: Int) {
    let plan = plan(poolHost(count), on: state(pool(count: 2, driver: "vfio-pci")))
    #expect(plan.codes.contains(.virtualFunctions) && plan.ids == [])
    #expect(
      plan.refusals.contains { $0.code == .virtualFunctions && $0.help.names("vfio-pci") })
  }

  @Test("a change on a PF that the host uses disturbs the host's network")
  func disturbs() {
    let used = pool { $0.interfaces[0].uses = .known([HostUse(.address, "192.0.2.1/24")]) }
    let plan = plan(poolHost(2), on: state(used))
    #expect(plan.codes == [] && plan.steps.map(\.disturbs) == [.hostNetwork])
  }

  @Test("the facts have the number, the maximum, autoprobe and the settings of each VF")
  func facts() {
    let set = VFSettings(mac: mac("02:00:00:00:00:01"), vlan: VLAN(id: 7, qos: 1), trust: true)
    let state = state(pool(count: 2, autoprobe: false)).setting("03:10.0", .known(set))
      .setting("03:10.2", .unavailable("not root"))
    let facts = plan(poolHost(2), on: state).facts
    func names(_ subject: String, _ values: String...) -> Bool {
      facts.contains { $0.subject == subject && $0.value.names(values) }
    }
    #expect(names("0000:03:00.0", "2", "7", "0000:03:10.0", "off"))
    #expect(names("0000:03:10.0", "02:00:00:00:00:01", "7", "1", "on"))
    #expect(names("0000:03:10.2", "not root"))
  }

  @Test("the facts of a PF have its undeclared VFs, too")
  func factsOfUndeclared() {
    let facts = plan(plainHost, on: state(pool(count: 1))).facts
    #expect(facts.contains { $0.subject == "0000:03:10.0" && $0.attribute == "driver" })
  }
}

@Suite("VFs that the plan creates")
struct ComingVirtualFunctionTests {
  private let winxp = guest("winxp", "name: net0, from: pool/2, mac: '52:54:00:00:00:01'")

  @Test("are configured, bound and attached after the resize, at their future addresses")
  func ordered() throws {
    let plan = plan(poolHost(3), winxp, on: state(pool(), libvirt: [running("winxp")]))
    #expect(plan.codes == [])
    #expect(
      plan.ids == [
        "resize/0000:03:00.0", "configure/0000:03:10.4", "bind/0000:03:10.4",
        "attach/winxp/net0/persistent", "attach/winxp/net0/live",
      ])
    #expect(plan.binding("03:10.4") == "no driver → vfio-pci")
    #expect(plan.steps[1].after == ["resize/0000:03:00.0"])
    #expect(plan.before("attach/winxp/net0/live").isSuperset(of: plan.ids.dropLast()))
    #expect(plan.steps[1].nic == "pool/2" && plan.steps[1].guest == "winxp")
  }

  @Test(
    "have the addresses that offset and stride give",
    arguments: [(0, "03:10.0"), (1, "03:10.2"), (2, "03:10.4")])
  func places(index: Int, address: String) {
    let plan = plan(
      poolHost(3), guest("winxp", "name: net0, from: pool/\(index)"),
      on: state(pool(), libvirt: [off("winxp")]))
    #expect(plan.steps.last?.hostdev?.address == pci(address))
  }

  @Test("may be on a later bus, as the offset gives")
  func laterBus() {
    let far = pool(offset: 384, stride: 4)
    let plan = plan(
      poolHost(3), guest("winxp", "name: net0, from: pool/2"), on: state(far, libvirt: [off("winxp")]))
    #expect(plan.steps.last?.hostdev?.address == pci("04:11.0"))
  }

  @Test(
    "cannot be claimed without a valid offset and stride, and can be created",
    arguments: [(nil, 2), (128, nil), (0, 2), (128, 0), (65535, 2)] as [(Int?, Int?)])
  func unknownPlaces(offset: Int?, stride: Int?) {
    let old = state(pool(offset: offset, stride: stride), libvirt: [off("winxp")])
    let refused = plan(poolHost(3), winxp, on: old)
    #expect(refused.codes == [.unavailable] && refused.ids == [])
    #expect(refused.refusals.first?.message.names("sriov_offset", "sriov_stride") == true)
    #expect(plan(poolHost(3), on: old).ids == ["resize/0000:03:00.0"])
  }

  @Test("cannot be claimed without an IOMMU")
  func noIOMMU() {
    let plan = plan(
      poolHost(3), winxp, on: state(pool { $0.iommuGroup = nil }, libvirt: [off("winxp")]))
    #expect(plan.codes == [.iommuOff])
    #expect(plan.step("attach/winxp/net0/persistent") == nil)
  }

  @Test("have no step where their PF is refused")
  func refusedWithPF() {
    let plan = plan(poolHost(8), guest("winxp", "name: net0, from: pool/2"), on: state(pool()))
    #expect(plan.codes.contains(.virtualFunctions) && plan.ids == [])
  }

  @Test("are refused where another NIC has the address of one")
  func collision() {
    let hosts = host(
      """
      name: other, select: {address: '0000:03:10.2'}
      name: pool, select: {address: '0000:03:00.0'}, virtualFunctions: {count: 2}
      """)
    let plan = plan(hosts, on: state(pool() + [nic("03:10.2")]))
    #expect(plan.codes == [.select])
    #expect(plan.refusals.first?.message.names("0000:03:10.2", "other") == true)
  }

  @Test("have no driver and no other step while they are unclaimed")
  func idle() {
    #expect(plan(poolHost(3), on: state(pool())).ids == ["resize/0000:03:00.0"])
  }

  @Test("are bound by libvirt with bind: on-start")
  func onStart() {
    let plan = plan(
      poolHost(1), guest("winxp", "name: net0, from: pool/0, bind: on-start"),
      on: state(pool(), libvirt: [off("winxp")]))
    #expect(plan.codes == [])
    #expect(
      plan.ids == ["resize/0000:03:00.0", "configure/0000:03:10.0", "attach/winxp/net0/persistent"])
  }
}
