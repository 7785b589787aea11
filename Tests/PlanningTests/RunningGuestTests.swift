import HostModel
import Planning
import TestSupport
import Testing

@Suite("Hot-plug and hot-unplug")
struct RunningGuestTests {
  private let lan = host("name: lan, select: {address: '0000:03:00.0'}")
  private let both = host(
    "name: lan, select: {address: '0000:03:00.0'}\nname: dmz, select: {address: '0000:04:00.0'}")
  private let winxp = guest("winxp", "name: net0, from: lan")
  private let held = nic("03:00.0", driver: "vfio-pci", override: "vfio-pci", holders: .known([qemu]))

  private func running(_ devices: [Hostdev] = [], freePorts: Int?) -> GuestState {
    var guest = TestSupport.running("winxp", devices)
    guest.freePorts = freePorts
    return guest
  }

  @Test("a guest without a free port is refused, with the controller to add")
  func full() {
    let plan = plan(lan, winxp, on: state([nic("03:00.0")], libvirt: [running(freePorts: 0)]))
    #expect(plan.codes == [.noPort] && plan.ids == [])
    #expect(plan.refusals.first?.message.names("winxp") == true)
    #expect(plan.refusals.first?.help?.contains("pcie-root-port") ?? false)
  }

  @Test("two NICs for one free port are both refused")
  func one() {
    let two = guest("winxp", "name: net0, from: lan\nname: net1, from: dmz")
    let plan = plan(
      both, two, on: state([nic("03:00.0"), nic("04:00.0")], libvirt: [running(freePorts: 1)]))
    #expect(plan.codes == [.noPort, .noPort] && plan.ids == [])
  }

  @Test("a device that is removed frees its port, and is unplugged first")
  func room() {
    let plan = plan(
      both, guest("winxp", "name: net1, from: dmz"),
      on: state([held, nic("04:00.0")], libvirt: [running([marked("03:00.0", "net0")], freePorts: 0)]))
    #expect(plan.codes == [])
    #expect(plan.before("attach/winxp/net1/live").contains("detach/winxp/net0/live"))
  }

  @Test("nothing is refused with hotplug: false, or where the ports are unknown")
  func unforeseen() {
    let patient = guest("winxp", "name: net0, from: lan, hotplug: false")
    #expect(plan(lan, patient, on: state([nic("03:00.0")], libvirt: [running(freePorts: 0)])).codes == [])
    #expect(plan(lan, winxp, on: state([nic("03:00.0")], libvirt: [running(freePorts: nil)])).codes == [])
  }

  @Test(
    "a paused or crashed guest is refused, for an attach and for a detach",
    arguments: [GuestState.RunState.paused, .crashed])
  func still(run: GuestState.RunState) {
    var guest = TestSupport.running("winxp", [marked("03:00.0", "net0")])
    guest.run = run
    let giving = plan(lan, TestSupport.guest("winxp"), on: state([held], libvirt: [guest]))
    #expect(giving.codes == [.guestPaused] && giving.ids == [])
    (guest.persistent, guest.live) = ([], [])
    let taking = plan(lan, winxp, on: state([nic("03:00.0")], libvirt: [guest]))
    #expect(taking.codes == [.guestPaused] && taking.ids == [])
  }

  @Test("a change of managed waits for the guest's next start")
  func management() {
    let plan = plan(
      lan, guest("winxp", "name: net0, from: lan, managed: false"),
      on: state([held], libvirt: [TestSupport.running("winxp", [marked("03:00.0", "net0")])]))
    #expect(plan.ids == ["edit/winxp/net0/persistent"])
    #expect(plan.remarks.names(["waits", "winxp"]))
  }

  @Test("a device that is missing live is hot-plugged as it is defined")
  func asDefined() throws {
    var defined = marked("03:00.0", "net0", at: "00:05.0")
    defined.element = "<hostdev><rom bar='off'/></hostdev>"
    let guest = TestSupport.running("winxp", [defined], live: [])
    let plan = plan(
      lan, winxp, on: state([nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")], libvirt: [guest]))
    #expect(plan.ids == ["attach/winxp/net0/live"])
    (defined.guestAddress, defined.driver) = (nil, nil)
    #expect(plan.steps.first?.hostdev == defined)
  }

  @Test("a NIC on vfio-pci that a process has open is not hot-plugged")
  func busy() {
    let plan = plan(lan, winxp, on: state([held], libvirt: [TestSupport.running("winxp")]))
    #expect(plan.codes == [.inUse] && plan.ids == [])
  }

  @Test("an attached on-start NIC that the host has started to use has a notice")
  func usedSince() {
    let used = nic("03:00.0", uses: .known([HostUse(.address, "192.0.2.1/24")]))
    let plan = plan(
      lan, guest("winxp", "name: net0, from: lan, bind: on-start"),
      on: state([used], libvirt: [off("winxp", [marked("03:00.0", "net0")])]))
    #expect(plan.isEmpty && plan.codes == [])
    #expect(plan.remarks.count == 1 && plan.notices.first?.code == .hostNetwork)
  }

  @Test("an on-start claim needs the whole group, and is refused where a member stays")
  func groupAtStart() {
    let group = [nic("03:00.0", group: 7), nic("03:00.1", group: 7)]
    let off = TestSupport.off("winxp")
    #expect(
      plan(lan, guest("winxp", "name: net0, from: lan, bind: on-start"), on: state(group, libvirt: [off]))
        .codes == [.iommuGroup])
    let all = host(
      "name: lan, select: {address: '0000:03:00.0'}\nname: dmz, select: {address: '0000:03:00.1'}")
    let whole = guest(
      "winxp", "name: net0, from: lan, bind: on-start\nname: net1, from: dmz, bind: on-start")
    let plan = plan(all, whole, on: state(group, libvirt: [off]))
    #expect(plan.codes == [])
    #expect(plan.ids == ["attach/winxp/net0/persistent", "attach/winxp/net1/persistent"])
  }
}
