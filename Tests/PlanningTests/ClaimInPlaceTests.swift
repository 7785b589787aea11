import HostModel
import Planning
import TestSupport
import Testing

@Suite("A claim that is in place is judged like one that is due")
struct ClaimInPlaceTests {
  private let lan = "name: lan, select: {address: '0000:03:00.0'}"
  private let claim = guest("winxp", "name: net0, from: lan")

  private func held(beside mate: PCIFunction, _ guest: GuestState) -> HostState {
    state(
      [nic("03:00.0", driver: "vfio-pci", override: "vfio-pci", group: 7), mate], libvirt: [guest])
  }

  @Test("a group mate that a host driver has taken since is a refusal, not an empty plan")
  func groupMate() {
    let guest = off("winxp", [marked("03:00.0", "net0")])
    #expect(
      plan(host(lan), claim, on: held(beside: nic("03:00.1", driver: nil, group: 7), guest)).codes == [])
    let split = plan(host(lan), claim, on: held(beside: nic("03:00.1", group: 7), guest))
    #expect(split.codes == [.iommuGroup] && split.isEmpty)
    let status = HostStatus(split, on: held(beside: nic("03:00.1", group: 7), guest))
    #expect(status.state == .blocked)
  }

  @Test("so it is for a NIC that is reserved, and one that libvirt takes at the start")
  func reservedAndOnStart() {
    let mate = nic("03:00.1", group: 7)
    #expect(plan(host(lan + ", reserve: true"), on: held(beside: mate, off("winxp"))).codes == [.iommuGroup])
    let guest = off("winxp", [marked("03:00.0", "net0")])
    let state = state([nic("03:00.0", group: 7), mate], libvirt: [guest])
    let onStart = TestSupport.guest("winxp", "name: net0, from: lan, bind: on-start")
    #expect(plan(host(lan), onStart, on: state).codes == [.iommuGroup])
  }

  @Test("VFs that a PF has got since would vanish when its guest starts: refused")
  func ownVFs() {
    let guest = off("winxp", [marked("03:00.0", "net0")])
    let onStart = TestSupport.guest("winxp", "name: net0, from: pool, bind: on-start")
    #expect(plan(plainHost, onStart, on: state(pool(count: 0), libvirt: [guest])).codes == [])
    #expect(
      plan(plainHost, onStart, on: state(pool(count: 2), libvirt: [guest])).codes == [.virtualFunctions])
  }

  @Test("without an IOMMU since the last boot it is refused")
  func noIOMMU() {
    let guest = off("winxp", [marked("03:00.0", "net0")])
    let onStart = TestSupport.guest("winxp", "name: net0, from: lan, bind: on-start")
    #expect(
      plan(
        host(lan), onStart,
        on: state([nic("03:00.0")], libvirt: [guest]).changing("03:00.0") { $0.iommuGroup = nil }
      ).codes == [.iommuOff])
  }
}

@Suite("What a step needs is a part of the plan, whoever binds")
struct NeededModuleTests {
  private let lan = host("name: lan, select: {address: '0000:03:00.0'}")
  private let claim = guest("winxp", "name: net0, from: lan, bind: on-start")

  private func bare(_ guest: GuestState, vfio: Bool?) -> HostState {
    state([nic("03:00.0", group: 7)], libvirt: [guest], drivers: .known(["igb"])) { $0.kernel.hasVFIO = vfio }
  }

  @Test("a running guest: vfio-pci is loaded before libvirt is asked")
  func running() {
    let plan = plan(lan, claim, on: bare(TestSupport.running("winxp"), vfio: nil))
    #expect(plan.ids == ["load/vfio-pci", "attach/winxp/net0/persistent", "attach/winxp/net0/live"])
    #expect(plan.before("attach/winxp/net0/live").contains("load/vfio-pci"))
  }

  @Test("a guest that is off: where libvirt would not load it at the start, in place or not")
  func off() {
    let due = TestSupport.off("winxp")
    let inPlace = TestSupport.off("winxp", [marked("03:00.0", "net0")])
    #expect(
      plan(lan, claim, on: bare(due, vfio: false)).ids == ["load/vfio-pci", "attach/winxp/net0/persistent"])
    #expect(plan(lan, claim, on: bare(inPlace, vfio: false)).ids == ["load/vfio-pci"])
    #expect(plan(lan, claim, on: bare(inPlace, vfio: true)).isEmpty)
    #expect(plan(lan, claim, on: bare(inPlace, vfio: nil)).isEmpty)
  }

  @Test("vfio is loaded and its device is not there: libvirt would assign nothing", arguments: [true, false])
  func noDevice(isDriver: Bool) {
    for guest in [TestSupport.running("winxp"), TestSupport.off("winxp")] {
      var host = bare(guest, vfio: false)
      if isDriver { host.kernel.drivers = .known(["igb", "vfio-pci"]) }
      if !isDriver { host.kernel.modules = .known(["vfio"]) }
      #expect(plan(lan, claim, on: host).codes == [.unsupported])
      host.kernel.hasVFIO = true
      #expect(plan(lan, claim, on: host).codes == [])
    }
  }
}

@Suite("Ids of steps are unique")
struct StepIDTests {
  @Test("a guest that is called like the domain of another shares no id with it")
  func namesake() {
    let nics = host(
      "name: lan, select: {address: '0000:03:00.0'}\nname: dmz, select: {address: '0000:04:00.0'}")
    let web = guest("web", "", "libvirt: {domain: web-1}")
    let bound = ["03:00.0", "04:00.0"].map { nic($0, driver: "vfio-pci", override: "vfio-pci") }
    let state = state(
      bound, libvirt: [off("web-1", [marked("03:00.0", "net0")]), off("web", [marked("04:00.0", "net0")])])
    let plan = plan(nics, web, on: state, prune: true)
    #expect(Set(plan.ids).count == plan.ids.count)
    #expect(plan.ids.contains("detach/web/net0/persistent"))
    #expect(plan.ids.contains("detach/libvirt:web/net0/persistent"))
    #expect(plan.codes == [])
  }
}
