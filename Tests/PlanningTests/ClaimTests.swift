import HostModel
import Manifests
import Planning
import TestSupport
import Testing

@Suite("Claims")
struct ClaimTests {
  private let lan = host("name: lan, select: {address: '0000:03:00.0'}")
  private let winxp = guest("winxp", "name: net0, from: lan")
  private let onVFIO = nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")

  @Test("in a guest that is off, the NIC is added to the definition only")
  func shutOff() throws {
    let plan = plan(lan, winxp, on: state([nic("03:00.0")], libvirt: [off("winxp")]))
    #expect(plan.ids == ["bind/0000:03:00.0", "attach/winxp/net0/persistent"])
    let attach = try #require(plan.steps.last)
    #expect(attach.hostdev == Hostdev(address: pci("03:00.0"), alias: "ua-pcipass-net0", isManaged: true))
    #expect(attach.disturbs == .nothing && attach.after == ["bind/0000:03:00.0"] && attach.guest == "winxp")
  }

  @Test("in a running guest, the NIC is added to the definition and hot-plugged")
  func runs() {
    let guest = GuestState(name: "winxp", run: .running, persistent: [], live: [])
    let plan = plan(lan, winxp, on: state([nic("03:00.0")], libvirt: [guest]))
    #expect(plan.ids == ["bind/0000:03:00.0", "attach/winxp/net0/persistent", "attach/winxp/net0/live"])
    #expect(plan.steps.map(\.disturbs) == [.nothing, .nothing, .runningGuest])
    #expect(plan.codes == [])
  }

  @Test("a guest that has the NIC needs no step")
  func has() {
    let state = state([onVFIO], libvirt: [running("winxp", [marked("03:00.0", "net0")])])
    let plan = plan(lan, winxp, on: state)
    #expect(plan.isEmpty && plan.codes == [] && plan.notices == [])
  }

  @Test("the definition and the running guest are compared separately")
  func onlyOne() {
    let device = marked("03:00.0", "net0")
    #expect(
      plan(lan, winxp, on: state([onVFIO], libvirt: [running("winxp", [device], live: [])])).ids
        == ["attach/winxp/net0/live"])
    #expect(
      plan(lan, winxp, on: state([onVFIO], libvirt: [running("winxp", [], live: [device])])).ids
        == ["attach/winxp/net0/persistent"])
  }

  @Test("hotplug: false leaves the running guest alone, with a notice that the claim waits")
  func noHotplug() {
    let plan = plan(
      lan, guest("winxp", "name: net0, from: lan, hotplug: false"),
      on: state([nic("03:00.0")], libvirt: [running("winxp")]))
    #expect(plan.ids == ["bind/0000:03:00.0", "attach/winxp/net0/persistent"])
    #expect(plan.remarks.names(["waits", "winxp"]))
  }

  @Test("in a transient domain, the NIC is hot-plugged only")
  func transient() {
    let guest = GuestState(name: "winxp", run: .running, persistent: nil, live: [])
    #expect(plan(lan, winxp, on: state([onVFIO], libvirt: [guest])).ids == ["attach/winxp/net0/live"])
  }

  @Test("the domain may have another name than the guest")
  func domain() {
    let state = state([onVFIO], libvirt: [off("xp-old")])
    let plan = plan(lan, guest("winxp", "name: net0, from: lan", "libvirt: {domain: xp-old}"), on: state)
    #expect(plan.ids == ["attach/winxp/net0/persistent"])
  }

  @Test("a domain that libvirt does not have is refused, with a list of those that it has")
  func missing() {
    let plan = plan(lan, winxp, on: state([nic("03:00.0")], libvirt: [off("win7"), off("a")]))
    #expect(plan.codes == [.guestMissing] && plan.ids == [])
    #expect(plan.refusals.first?.message.names("winxp") == true)
    #expect(plan.refusals.first?.details == ["a", "win7"])
    #expect(plan.refusals.first?.guest == "winxp")
  }

  @Test("without libvirt, claims are refused and NICs without a claim are planned")
  func unavailable() {
    let hosts = host(
      "name: lan, select: {address: '0000:03:00.0'}\nname: spare, select: {address: '0000:04:00.0'}, reserve: true"
    )
    let state = state([nic("03:00.0"), nic("04:00.0")]) { $0.libvirt = .unavailable("no libvirtd") }
    let plan = plan(hosts, winxp, on: state)
    #expect(plan.codes == [.unavailable])
    #expect(plan.refusals.first?.message.names("winxp", "libvirtd") == true)
    #expect(plan.ids == ["bind/0000:04:00.0"])
  }

  @Suite("When a NIC is bound")
  struct Bind {
    private let lan = host("name: lan, select: {address: '0000:03:00.0'}")
    private let onStart = guest("winxp", "name: net0, from: lan, bind: on-start")

    @Test("on-start, guest off: the NIC stays on, or returns to, its native driver")
    func guestOff() {
      let kept = plan(lan, onStart, on: state([nic("03:00.0")], libvirt: [off("winxp")]))
      #expect(kept.ids == ["attach/winxp/net0/persistent"])
      let state = state(
        [nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")], libvirt: [off("winxp")])
      let back = plan(lan, onStart, on: state)
      #expect(back.ids == ["bind/0000:03:00.0", "attach/winxp/net0/persistent"])
      #expect(back.binding("03:00.0") == "vfio-pci → igb")
    }

    @Test("on-start, guest running: libvirt binds the NIC at the hot-plug")
    func guestOn() {
      let plan = plan(lan, onStart, on: state([nic("03:00.0")], libvirt: [running("winxp")]))
      #expect(plan.ids == ["attach/winxp/net0/persistent", "attach/winxp/net0/live"])
    }

    @Test("on-start, hotplug: false: the host keeps the NIC until the guest's next start")
    func onWithoutHotplug() {
      let plan = plan(
        lan, guest("winxp", "name: net0, from: lan, bind: on-start, hotplug: false"),
        on: state([nic("03:00.0")], libvirt: [running("winxp")]))
      #expect(plan.ids == ["attach/winxp/net0/persistent"])
    }

    @Test("on-start: a NIC in use by the host, or with a group member on the host, is refused")
    func guarded() {
      let used = nic("03:00.0", uses: .known([HostUse(.defaultRoute, "IPv4")]))
      #expect(plan(lan, onStart, on: state([used], libvirt: [off("winxp")])).codes == [.hostNetwork])
      let taken = plan(lan, onStart, on: state([used], libvirt: [running("winxp")]))
      #expect(taken.codes == [.hostNetwork] && taken.ids == [])
      let grouped = state(
        [nic("03:00.0", group: 7), nic("03:00.1", group: 7)], libvirt: [running("winxp")])
      #expect(plan(lan, onStart, on: grouped).codes == [.iommuGroup])
    }

    @Test("a NIC of a running guest is not bound again, whatever driver is declared")
    func keptWhileThere() {
      let state = state(
        [nic("03:00.0", driver: "vfio-pci", holders: .known([qemu]))],
        libvirt: [running("winxp", [marked("03:00.0", "net0")])])
      let plan = plan(
        host("name: lan, select: {address: '0000:03:00.0'}", driver: "pci-stub"),
        guest("winxp", "name: net0, from: lan"), on: state)
      #expect(plan.isEmpty && plan.codes == [])
    }

    @Test("pci-stub is refused with managed: false, as libvirt then does not bind vfio-pci")
    func pciStub() {
      let lan = host("name: lan, select: {address: '0000:03:00.0'}", driver: "pci-stub")
      let state = state([nic("03:00.0")], libvirt: [off("winxp")])
      #expect(plan(lan, guest("winxp", "name: net0, from: lan"), on: state).codes == [])
      #expect(
        plan(lan, guest("winxp", "name: net0, from: lan, managed: false"), on: state).codes == [.unsupported])
    }

    @Test(
      "a NIC with driver: pci-stub is bound to vfio-pci before a hot-plug",
      arguments: ["igb", "pci-stub"])
    func pciStubPluggedIn(driver: String) {
      let lan = host("name: lan, select: {address: '0000:03:00.0'}", driver: "pci-stub")
      let plan = plan(
        lan, guest("winxp", "name: net0, from: lan"),
        on: state([nic("03:00.0", driver: driver)], libvirt: [running("winxp")]))
      #expect(plan.binding("03:00.0") == "\(driver) → vfio-pci")
    }

    @Test(
      "without an IOMMU a claim is refused, with every value of bind",
      arguments: ["on-start", "now"])
    func noIOMMU(bind: String) {
      let state = state([nic("03:00.0") { $0.iommuGroup = nil }], libvirt: [off("winxp")])
      #expect(
        plan(lan, guest("winxp", "name: net0, from: lan, bind: \(bind)"), on: state).codes == [.iommuOff])
    }
  }

  @Suite("The device in the guest")
  struct Manner {
    private let lan = host("name: lan, select: {address: '0000:03:00.0'}")
    private let onVFIO = nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")

    @Test("is unmanaged with managed: false")
    func unmanaged() {
      let plan = plan(
        lan, guest("winxp", "name: net0, from: lan, managed: false"),
        on: state([onVFIO], libvirt: [off("winxp")]))
      #expect(plan.steps.last?.hostdev?.isManaged == false)
    }

    @Test("keeps its guest address when managed changes")
    func replaced() {
      let present = marked("03:00.0", "net0", at: "00:05.0")
      let state = state([onVFIO], libvirt: [running("winxp", [present])])
      let plan = plan(lan, guest("winxp", "name: net0, from: lan, managed: false"), on: state)
      #expect(plan.ids == ["edit/winxp/net0/persistent"])
      #expect(plan.steps.first?.reason == .replaced)
      #expect(plan.steps.last?.hostdev == marked("03:00.0", "net0", managed: false, at: "00:05.0"))
    }

    @Test("gets another alias when its claim is renamed")
    func renamed() {
      let state = state([onVFIO], libvirt: [off("winxp", [marked("03:00.0", "old", at: "00:05.0")])])
      let plan = plan(lan, guest("winxp", "name: new, from: lan"), on: state)
      #expect(plan.ids == ["edit/winxp/new/persistent"])
      #expect(plan.steps.last?.hostdev == marked("03:00.0", "new", at: "00:05.0"))
    }

    @Test("has its name freed first where two claims of a guest swap their names")
    func renamedCrosswise() {
      let hosts = host(
        "name: a, select: {address: '0000:03:00.0'}\nname: b, select: {address: '0000:03:00.1'}")
      let state = state(
        [onVFIO, nic("03:00.1", driver: "vfio-pci")],
        libvirt: [off("winxp", [marked("03:00.0", "one"), marked("03:00.1", "two")])])
      let plan = plan(hosts, guest("winxp", "name: two, from: a\nname: one, from: b"), on: state)
      #expect(plan.codes == [])
      #expect(
        plan.ids == [
          "free-name/winxp/two/persistent", "edit/winxp/one/persistent", "edit/winxp/two/persistent",
        ])
    }

    @Test("is refused where another device of the running guest has its name")
    func nameTaken() {
      let hosts = host(
        "name: a, select: {address: '0000:03:00.0'}\nname: b, select: {address: '0000:03:00.1'}")
      let state = state(
        [onVFIO, nic("03:00.1")], libvirt: [running("winxp", [marked("03:00.0", "lan")])])
      let plan = plan(hosts, guest("winxp", "name: old, from: a\nname: lan, from: b"), on: state)
      #expect(plan.codes == [Refusal.Code.inUse])
      #expect(plan.refusals.first?.message.names("winxp", "ua-pcipass-lan", "0000:03:00.0") == true)
    }
  }
}
