import HostModel
import Planning
import TestSupport
import Testing

@Suite("The guards also check a claim that is in place")
struct ClaimInPlaceTests {
  private let lan = "name: lan, select: {address: '0000:03:00.0'}"
  private let claim = guest("winxp", "name: net0, from: lan")

  private func held(beside mate: PCIFunction, _ guest: GuestState) -> HostState {
    state(
      [nic("03:00.0", driver: "vfio-pci", override: "vfio-pci", group: 7), mate], libvirt: [guest])
  }

  @Test("a claim is refused where a host driver has bound a group member since")
  func groupMate() {
    let guest = off("winxp", [marked("03:00.0", "net0")])
    #expect(
      plan(host(lan), claim, on: held(beside: nic("03:00.1", driver: nil, group: 7), guest)).codes == [])
    let split = plan(host(lan), claim, on: held(beside: nic("03:00.1", group: 7), guest))
    #expect(split.codes == [.iommuGroup] && split.isEmpty)
    let status = HostStatus(split, on: held(beside: nic("03:00.1", group: 7), guest))
    #expect(status.state == .blocked)
  }

  @Test("a group member on a host driver also blocks a reserved NIC and an on-start claim")
  func reservedAndOnStart() {
    let mate = nic("03:00.1", group: 7)
    #expect(plan(host(lan + ", reserve: true"), on: held(beside: mate, off("winxp"))).codes == [.iommuGroup])
    let guest = off("winxp", [marked("03:00.0", "net0")])
    let state = state([nic("03:00.0", group: 7), mate], libvirt: [guest])
    let onStart = TestSupport.guest("winxp", "name: net0, from: lan, bind: on-start")
    #expect(plan(host(lan), onStart, on: state).codes == [.iommuGroup])
  }

  @Test("an on-start claim of a PF is refused where VFs were created on the PF since")
  func ownVFs() {
    let guest = off("winxp", [marked("03:00.0", "net0")])
    let onStart = TestSupport.guest("winxp", "name: net0, from: pool, bind: on-start")
    #expect(plan(plainHost, onStart, on: state(pool(count: 0), libvirt: [guest])).codes == [])
    #expect(
      plan(plainHost, onStart, on: state(pool(count: 2), libvirt: [guest])).codes == [.virtualFunctions])
  }

  @Test("an on-start claim is refused where the host has no IOMMU any more")
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

@Suite("Modules for a NIC that libvirt binds")
struct NeededModuleTests {
  private let lan = host("name: lan, select: {address: '0000:03:00.0'}")
  private let claim = guest("winxp", "name: net0, from: lan, bind: on-start")

  private func bare(_ guest: GuestState, vfio: Bool?) -> HostState {
    state([nic("03:00.0", group: 7)], libvirt: [guest], drivers: .known(["igb"])) { $0.kernel.hasVFIO = vfio }
  }

  @Test("vfio-pci is loaded before a hot-plug into a running guest")
  func running() {
    let plan = plan(lan, claim, on: bare(TestSupport.running("winxp"), vfio: nil))
    #expect(plan.ids == ["load/vfio-pci", "attach/winxp/net0/persistent", "attach/winxp/net0/live"])
    #expect(plan.before("attach/winxp/net0/live").contains("load/vfio-pci"))
  }

  @Test("for a guest that is off, vfio-pci is loaded only where /dev/vfio/vfio is missing")
  func off() {
    let due = TestSupport.off("winxp")
    let inPlace = TestSupport.off("winxp", [marked("03:00.0", "net0")])
    #expect(
      plan(lan, claim, on: bare(due, vfio: false)).ids == ["load/vfio-pci", "attach/winxp/net0/persistent"])
    #expect(plan(lan, claim, on: bare(inPlace, vfio: false)).ids == ["load/vfio-pci"])
    #expect(plan(lan, claim, on: bare(inPlace, vfio: true)).isEmpty)
    #expect(plan(lan, claim, on: bare(inPlace, vfio: nil)).isEmpty)
  }

  @Test(
    "a claim is refused where vfio is loaded but /dev/vfio/vfio is missing",
    arguments: [true, false])
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

@Suite("The ids of steps")
struct StepIDTests {
  @Test("differ for a guest and for an undescribed domain with that guest's name")
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
