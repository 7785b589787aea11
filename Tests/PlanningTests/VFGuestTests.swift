import HostModel
import Planning
import TestSupport
import Testing

@Suite("VFs of guests")
struct VFGuestTests {
  private let held = pool(count: 2, autoprobe: false) { _ in
  } eachVF: {
    onVFIO(&$0)
    $0.holders = .known([qemu])
  }
  private let address = "mac: '52:54:00:00:00:01'"

  @Test("a VF that moves from one running guest to another is configured in between")
  func moved() {
    let state = state(held, libvirt: [running("a", [marked("03:10.0", "net0")]), running("b")])
      .changing("03:10.2") { ($0.driver, $0.driverOverride, $0.holders) = (nil, nil, .known([])) }
    let plan = plan(
      poolHost(2), guest("a"), guest("b", "name: net0, from: pool/0, \(address), vlan: 7"), on: state)
    #expect(plan.codes == [])
    #expect(
      plan.ids == [
        "detach/a/net0/live", "detach/a/net0/persistent", "configure/0000:03:10.0", "bind/0000:03:10.0",
        "attach/b/net0/persistent", "attach/b/net0/live",
      ])
    #expect(plan.step("configure/0000:03:10.0")?.after == ["detach/a/net0/persistent"])
    #expect(plan.step("attach/b/net0/live")?.reason == .moved)
    #expect(plan.step("configure/0000:03:10.0")?.disturbs == .nothing)
  }

  @Test("an unclaimed VF on vfio-pci is left without a driver")
  func unclaimed() {
    let plan = plan(
      poolHost(2), on: state(pool(count: 2, autoprobe: false, eachVF: onVFIO)))
    #expect(plan.codes == [] && plan.ids == ["bind/0000:03:10.0", "bind/0000:03:10.2"])
    #expect(plan.binding("03:10.0") == "vfio-pci → no driver")
    #expect(plan.steps.first?.reason == .unclaimed && plan.steps.first?.nic == "pool/0")
  }

  @Test("an unclaimed VF on its native driver stays there")
  func nativeDriver() {
    let plan = plan(
      poolHost(1), on: state(pool(count: 1, eachVF: { ($0.driver, $0.nativeDriver) = ("igbvf", "igbvf") })))
    #expect(plan.isEmpty && plan.codes == [] && plan.notices == [])
  }

  @Test("an unclaimed VF that a process has open is refused")
  func busy() {
    let plan = plan(poolHost(2), on: state(held))
    #expect(plan.codes == [.inUse, .inUse] && plan.ids == [])
  }

  @Test("on-start: the VF has no driver until libvirt starts the guest")
  func onStart() {
    let plan = plan(
      poolHost(1), guest("winxp", "name: net0, from: pool/0, bind: on-start, \(address)"),
      on: state(pool(count: 1, autoprobe: false, eachVF: onVFIO), libvirt: [off("winxp")]))
    #expect(plan.codes == [])
    #expect(plan.binding("03:10.0") == "vfio-pci → no driver")
  }

  @Test("a claimed VF that the host uses is refused")
  func hostUses() {
    let state = state(
      pool(
        count: 1,
        eachVF: {
          $0.driver = "igbvf"
          $0.interfaces = [NetworkInterface(name: "eth9", uses: .known([HostUse(.bridge, "br0")]))]
        }), libvirt: [off("winxp")])
    let refused = plan(poolHost(1), guest("winxp", "name: net0, from: pool/0"), on: state)
    #expect(refused.codes == [.hostNetwork] && refused.refusals.first?.nic == "pool/0")
  }

  @Test("pci-stub is also the driver of a VF, unless the VF is hot-plugged")
  func pciStub() {
    let hosts = host(
      "name: pool, select: {address: '0000:03:00.0'}, virtualFunctions: {count: 1}, driver: pci-stub")
    let off = state(pool(count: 1, autoprobe: false), libvirt: [off("winxp")])
    let on = state(pool(count: 1, autoprobe: false), libvirt: [running("winxp")])
    let claim = guest("winxp", "name: net0, from: pool/0")
    #expect(plan(hosts, claim, on: off).binding("03:10.0") == "no driver → pci-stub")
    #expect(plan(hosts, claim, on: on).binding("03:10.0") == "no driver → vfio-pci")
  }

  // MARK: Targets

  private let two =
    poolHost(2) + guest("a", "name: net0, from: pool/0") + guest("b", "name: net0, from: pool/1")

  private var start: HostState { state(pool(), libvirt: [off("a"), off("b")]) }

  @Test("nic/POOL selects the PF with all of its VFs")
  func targetPool() {
    let all = plan(two, on: start)
    #expect(plan(two, on: start, targets: [.nic("pool")]).ids == all.ids)
    #expect(all.ids.filter { $0.hasPrefix("attach") }.count == 2)
  }

  @Test("guest/NAME selects its VF and the PF that it needs, and not the others' VFs")
  func targetGuest() {
    let plan = plan(two, on: start, targets: [.guest("b")])
    #expect(plan.codes == [])
    #expect(
      plan.ids == [
        "resize/0000:03:00.0", "configure/0000:03:10.2", "bind/0000:03:10.2", "attach/b/net0/persistent",
      ])
  }

  @Test("guest/NAME does not delete the VF of another running guest")
  func targetDoesNoHarm() {
    let state = state(held, libvirt: [off("a"), running("b", [marked("03:10.2", "net0")])])
    let grown = two.replacing("count: 2", with: "count: 3")
    let plan = plan(grown, on: state, targets: [.guest("a")])
    #expect(plan.codes == [.inUse] && plan.ids == [])
  }

  // MARK: Leftovers

  @Test("--prune removes the VF from a guest that no manifest describes any more")
  func prune() {
    let state = state(held, libvirt: [running("gone", [marked("03:10.0", "net0")])])
      .changing("03:10.2") { $0.holders = .known([]) }
    let kept = plan(poolHost(2), on: state)
    #expect(kept.codes == [] && kept.step("detach/gone/net0/live") == nil)
    #expect(kept.remarks.contains { $0.names("unmanaged", "gone", "0000:03:10.0") })
    let pruned = plan(poolHost(2), on: state, prune: true, pruneCount: 1)
    #expect(pruned.codes == [])
    #expect(pruned.step("detach/gone/net0/live")?.reason == .pruned)
    #expect(pruned.before("bind/0000:03:10.0").contains("detach/gone/net0/live"))
    #expect(pruned.binding("03:10.0") == "vfio-pci → no driver")
  }

  @Test("VFs are deleted after --prune has removed them from a guest without a manifest")
  func pruneBeforeResize() {
    let state = state(
      held, libvirt: [running("gone", [marked("03:10.0", "x"), marked("03:10.2", "y")])])
    #expect(plan(poolHost(0), on: state).codes == [.inUse])
    let pruned = plan(poolHost(0), on: state, prune: true, pruneCount: 1)
    #expect(pruned.codes == [])
    #expect(
      pruned.before("resize/0000:03:00.0").isSuperset(of: ["detach/gone/x/live", "detach/gone/y/live"]))
  }

  @Test("a marked VF that no longer exists is removed from the definition")
  func vanished() {
    let plan = plan(
      plainHost, guest("winxp"), on: state(pool(), libvirt: [off("winxp", [marked("03:10.0", "net0")])]))
    #expect(plan.ids == ["detach/winxp/net0/persistent"] && plan.codes == [])
  }
}
