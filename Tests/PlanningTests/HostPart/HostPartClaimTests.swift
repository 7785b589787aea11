import HostModel
import Manifests
import Planning
import TestSupport
import Testing

@Suite("With --part host, the claims of guests")
struct HostPartClaimTests {
  private let lan = host("name: lan, select: {address: '0000:03:00.0'}")
  private let both = host(
    "name: lan, select: {address: '0000:03:00.0'}\nname: wan, select: {address: '0000:04:00.0'}")

  @Test("decide the drivers of NICs, and no step is about a guest")
  func drivers() {
    let made = hostPlan(
      both, guest("db", "name: a, from: lan"), guest("q", "name: b, from: wan", "qemu: {qmp: /run/q.sock}"),
      on: silent([nic("03:00.0"), nic("04:00.0")], drivers: ["igb"]))
    #expect(made.codes == [])
    #expect(made.ids == ["load/vfio-pci", "bind/0000:03:00.0", "bind/0000:04:00.0"])
    #expect(made.steps.allSatisfy { $0.action.guest == nil })
  }

  @Test("are each listed as not looked at")
  func listed() {
    let manifests = both + guest("db", "name: a, from: lan\nname: b, from: wan") + guest("web")
    let made = hostPlan(manifests, on: silent([nic("03:00.0"), nic("04:00.0")]))
    let notices = made.notices.filter { $0.code == .notLookedAt }
    #expect(notices.map(\.nic) == ["lan", "wan"])
    #expect(notices.map(\.guest) == ["db", "db"])
    #expect(made.notices.count == 2)
    let part = hostPlan(manifests, on: silent([nic("03:00.0"), nic("04:00.0")]), targets: [.nic("wan")])
    #expect(part.notices.map(\.nic) == ["wan"])
    #expect(part.ids == ["bind/0000:04:00.0"])
  }

  @Test("are planned without a look at guests, also if a snapshot shows them")
  func hidden() {
    let manifests = lan + guest("db", "name: a, from: lan")
    let functions = [nic("03:00.0")]
    let first = hostPlan(manifests, on: silent(functions))
    let others = [
      state(functions), state(functions, libvirt: [off("db")]), state(functions, libvirt: [running("db")]),
      state(functions, libvirt: [off("x", [foreign("03:00.0")])]),
      state(functions) { $0.networks = .unavailable("no libvirtd") },
    ]
    for other in others { #expect(hostPlan(manifests, on: other) == first) }
  }

  @Test(
    "give VFs the same settings as a whole plan",
    arguments: ["", ", mac: '52:54:00:00:00:01', vlan: 7", ", trust: true", ", as: interface, vlan: 7"])
  func settings(more: String) {
    let manifests = poolHost(2) + guest("db", "name: a, from: pool/1\(more)")
    let found = state(pool(count: 2), libvirt: [off("db")])
    let (made, whole) = (hostPlan(manifests, on: found), plan(manifests, on: found))
    #expect(whole.codes == [] && made.codes == [])
    #expect(made.step("configure/0000:03:10.2")?.action == whole.step("configure/0000:03:10.2")?.action)
    #expect(made.ids == whole.hostIDs)
    #expect(made.settings("03:10.2") != nil || !more.contains("mac"))
  }

  @Test("create VFs from none, as a whole plan does")
  func created() {
    let manifests = poolHost(2) + guest("db", "name: a, from: pool/1")
    let found = state(pool(), libvirt: [off("db")])
    let (made, whole) = (hostPlan(manifests, on: found), plan(manifests, on: found))
    #expect(made.codes == [])
    #expect(made.ids.contains("resize/0000:03:00.0") && made.ids.contains("bind/0000:03:10.2"))
    #expect(made.ids == whole.hostIDs)
  }

  @Test("with bind: on-start leave the NIC to the host, as if the guest were off")
  func onStart() {
    let manifests = lan + guest("db", "name: a, from: lan, bind: on-start")
    #expect(hostPlan(manifests, on: silent([nic("03:00.0")])).ids == [])
    let bound = nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")
    #expect(hostPlan(manifests, on: silent([bound])).binding("03:00.0") == "vfio-pci → igb")
    // The guest runs.
    let open = nic("03:00.0", driver: "vfio-pci", holders: .known([qemu]))
    #expect(hostPlan(manifests, on: silent([open])).ids == [])
    // Another function of the group may be assigned.
    let shared = [
      nic("03:00.0", driver: "vfio-pci", group: 9), nic("03:00.1", driver: "vfio-pci", group: 9),
    ]
    let made = hostPlan(manifests, on: silent(shared))
    #expect(made.ids == [])
    #expect(made.notices.last?.code == .unknown)
  }

  @Test("with bind: on-start load vfio for libvirt, which needs it")
  func loadsForLibvirt() {
    let made = hostPlan(
      lan, guest("db", "name: a, from: lan, bind: on-start"),
      on: silent([nic("03:00.0")], drivers: ["igb"]) { $0.kernel.hasVFIO = false })
    #expect(made.ids == ["load/vfio-pci"])
  }

  @Test("and driver: pci-stub bind to pci-stub, and from it to vfio-pci")
  func stub() {
    let stub = host("name: lan, select: {address: '0000:03:00.0'}, driver: pci-stub")
    let claim = guest("db", "name: a, from: lan")
    #expect(hostPlan(stub, claim, on: silent([nic("03:00.0")])).binding("03:00.0") == "igb → pci-stub")
    let onStub = silent([nic("03:00.0", driver: "pci-stub", override: "pci-stub")])
    #expect(hostPlan(stub, claim, on: onStub).ids == [])
    #expect(hostPlan(lan, claim, on: onStub).binding("03:00.0") == "pci-stub → vfio-pci")
    #expect(
      hostPlan(stub, guest("db", "name: a, from: lan, managed: false"), on: onStub).codes == [.unsupported])
  }

  @Test("leave a function that a process has open as it is, with its settings")
  func open() {
    let stub = host("name: lan, select: {address: '0000:03:00.0'}, driver: pci-stub")
    let held = nic("03:00.0", driver: "vfio-pci", override: "vfio-pci", holders: .known([qemu]))
    let made = hostPlan(stub, guest("db", "name: a, from: lan"), on: silent([held]))
    #expect(made.ids == [] && made.codes == [])
    #expect(made.notices.map(\.code) == [.notLookedAt, .waits])
    for holders in [Observed.known([qemu]), .unavailable("not root")] {
      let vfs = pool(
        count: 1,
        eachVF: { function in
          onVFIO(&function)
          function.holders = holders
        })
      let configured = hostPlan(
        poolHost(1), guest("db", "name: a, from: pool/0, mac: '52:54:00:00:00:01'"), on: silent(vfs))
      #expect(configured.ids == [] && configured.codes == [])
      #expect(configured.notices.map(\.code) == [.notLookedAt, .waits])
    }
  }

  @Test("of a guest that may be on another host set no MAC address and no VLAN")
  func elsewhere() {
    let manifests =
      poolHost(1)
      + guest("db", "name: a, from: pool/0, mac: '52:54:00:00:00:01'").replacing(
        "host: hv01", with: "hosts: [hv01]")
    let made = hostPlan(manifests, on: silent(pool(count: 1)))
    #expect(made.ids == ["bind/0000:03:10.0"])
    #expect(made.notices.map(\.code) == [.notLookedAt, .unknown])
  }

  @Test("and driver: auto keep the VFIO driver that a definition may name")
  func variants() {
    let auto = host("name: lan, select: {address: '0000:03:00.0'}, driver: auto")
    let claim = guest("db", "name: a, from: lan")
    let drivers = ["igb", "igb_vfio_pci", "vfio-pci"]
    let native = nic("03:00.0") { $0.variantDriver = "igb_vfio_pci" }
    #expect(
      hostPlan(auto, claim, on: silent([native], drivers: drivers)).binding("03:00.0")
        == "igb → igb_vfio_pci")
    let bound = nic("03:00.0", driver: "vfio-pci", override: "vfio-pci") { $0.variantDriver = "igb_vfio_pci" }
    #expect(hostPlan(auto, claim, on: silent([bound], drivers: drivers)).ids == [])
  }

  @Test("and reserve: true are judged by the guards of the host")
  func guards() {
    let claim = guest("db", "name: a, from: lan")
    let shared = [nic("03:00.0", group: 9), nic("03:00.1", group: 9)]
    #expect(hostPlan(lan, claim, on: silent(shared)).codes == [.iommuGroup])
    let used = nic("03:00.0", uses: .known([HostUse(.address, "192.0.2.1/24")]))
    #expect(hostPlan(lan, claim, on: silent([used])).codes == [.hostNetwork])
    let reserved = host("name: lan, select: {address: '0000:03:00.0'}, reserve: true")
    #expect(hostPlan(reserved, on: silent([used])).codes == [.hostNetwork])
    #expect(hostPlan(reserved, on: silent([nic("03:00.0")])).binding("03:00.0") == "igb → vfio-pci")
    let open = nic("03:00.0", driver: "pci-stub", holders: .known([qemu]))
    #expect(hostPlan(reserved, on: silent([open])).ids == [])
  }
}
