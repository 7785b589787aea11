import HostModel
import Manifests
import Planning
import TestSupport
import Testing

private let socket = "/run/web.sock"
private let lan = host("name: lan, select: {address: '0000:03:00.0'}")
private let both = host(
  "name: lan, select: {address: '0000:03:00.0'}\nname: dmz, select: {address: '0000:04:00.0'}")

/// A guest that is a QEMU of its own.
private func web(_ nics: String = "name: net0, from: lan") -> String {
  guest("web", nics, "qemu: {qmp: \(socket)}")
}

/// What pcipass put into a QEMU, on that bus.
private func given(
  _ short: String, _ name: String = "net0", on bus: String? = "port1", model: String = "vfio-pci"
) -> Hostdev {
  Hostdev(address: pci(short), alias: "pcipass-\(name)", isManaged: true, bus: bus, driver: model)
}

/// A QEMU that has these devices, each on a port of its own, and these ports free.
private func having(
  _ devices: Hostdev..., free: [String] = [], socket name: String = socket
) -> GuestState {
  let ports = devices.compactMap { $0.bus }.map { GuestState.Bus(name: $0, free: 0) }
  return GuestState(
    name: name, run: .running, persistent: nil, live: devices, freePorts: free.count,
    buses: ports + free.map { GuestState.Bus(name: $0, free: 1) }, models: ["vfio-pci"])
}

private let held = nic("03:00.0", driver: "vfio-pci", override: "vfio-pci", holders: .known([qemu]))

@Suite("A QEMU without libvirt")
struct QEMUGuestTests {
  @Test("it gets the NIC while it runs, on a bus that the plan names")
  func runs() throws {
    let plan = plan(lan, web(), on: state([nic("03:00.0")], qemu: [runningQEMU(socket)]))
    #expect(plan.ids == ["bind/0000:03:00.0", "attach/web/net0/live"] && plan.codes == [])
    #expect(plan.steps.last?.hostdev == given("03:00.0"))
    #expect(plan.steps.last?.disturbs == .runningGuest && plan.steps.last?.guest == "web")
  }

  @Test("it waits for one that does not run, with the NIC ready")
  func runsNot() {
    let guest = GuestState(name: socket, run: .shutoff, persistent: nil, live: nil)
    let plan = plan(lan, web(), on: state([nic("03:00.0")], qemu: [guest]))
    #expect(plan.ids == ["bind/0000:03:00.0"] && plan.codes == [])
    #expect(plan.remarks.count == 1 && plan.remarks[0].names("waits", "web"))
    #expect(plan.remarks[0].contains("pcipass render web --qemu"))
  }

  @Test("one that was not asked, or did not answer, is not taken for one that does not run")
  func unknown() {
    let silent = GuestState(
      name: socket, run: .unknown, persistent: nil, live: nil, unavailable: "no greeting")
    for guests in [[], [silent]] {
      let plan = plan(lan, web(), on: state([nic("03:00.0")], qemu: guests))
      #expect(plan.codes == [.unavailable] && plan.ids == [])
    }
    let reason = plan(lan, web(), on: state([nic("03:00.0")], qemu: [silent])).refusals.first?.message
    #expect(reason.names("web"))
  }

  @Test("libvirt need not be there for it")
  func withoutLibvirt() {
    let state = state([nic("03:00.0")], qemu: [runningQEMU(socket)]) {
      $0.libvirt = .unavailable("no libvirtd")
    }
    #expect(plan(lan, web(), on: state).codes == [])
  }

  @Test("one that has it needs nothing")
  func has() {
    let plan = plan(
      lan, web(), on: state([held], qemu: [having(given("03:00.0"), free: ["port2"])]))
    #expect(plan.isEmpty && plan.codes == [] && plan.notices == [])
  }

  @Test("hotplug: false leaves it alone while it runs")
  func noHotplug() {
    let plan = plan(
      lan, web("name: net0, from: lan, hotplug: false"),
      on: state([nic("03:00.0")], qemu: [runningQEMU(socket, buses: [])]))
    #expect(plan.ids == ["bind/0000:03:00.0"] && plan.codes == [])
    #expect(plan.remarks.names(["waits", "web"]))
  }

  @Test(
    "a QEMU that stands still neither gives nor takes", arguments: [GuestState.RunState.paused, .crashed])
  func still(run: GuestState.RunState) {
    var guest = having(given("03:00.0"), free: ["port2"])
    guest.run = run
    let giving = plan(lan, web(""), on: state([held], qemu: [guest]))
    #expect(giving.codes == [.guestPaused] && giving.ids == [])
    guest.live = []
    let taking = plan(lan, web(), on: state([nic("03:00.0")], qemu: [guest]))
    #expect(taking.codes == [.guestPaused] && taking.ids == [])
  }

  @Test("what it claims no more leaves it, and goes back to the host")
  func removed() {
    let plan = plan(
      lan, web(""), on: state([held], qemu: [having(given("03:00.0"), free: ["port2"])]))
    #expect(plan.codes == [] && plan.ids == ["detach/web/net0/live", "bind/0000:03:00.0"])
    #expect(plan.steps.first?.reason == .removed && plan.steps.first?.hostdev == given("03:00.0"))
    #expect(plan.binding("03:00.0") == "vfio-pci → igb")
  }

  @Test("what somebody else plugged in is taken as it is where it is claimed, and left alone where not")
  func foreignDevice() {
    let mine = Hostdev(
      address: pci("03:00.0"), alias: "mine", isManaged: true, bus: "port2", driver: "vfio-pci")
    let state = state([held], qemu: [having(mine, free: ["port1"])])
    let adopted = plan(lan, web(), on: state)
    #expect(adopted.isEmpty && adopted.codes == [])
    #expect(adopted.remarks.count == 1 && adopted.remarks.first.names("adopted", "web"))
    let left = plan(lan, web(""), on: state)
    #expect(left.isEmpty && left.codes == [])
    #expect(left.remarks.names(["foreign", "web", "0000:03:00.0"]))
  }

  @Test("a name that another device of it bears, and keeps, is refused")
  func nameTaken() {
    let other = nic("04:00.0", driver: "vfio-pci", override: "vfio-pci", holders: .known([qemu]))
    let plan = plan(
      both, web("name: net0, from: lan\nname: other, from: dmz"),
      on: state([nic("03:00.0"), other], qemu: [having(given("04:00.0", on: "port2"), free: ["port1"])]))
    #expect(plan.codes == [.inUse])
    #expect(plan.refusals.first?.message.names("web", "pcipass-net0", "0000:04:00.0") == true)
  }

  @Test("a NIC moves from one QEMU to another")
  func moved() {
    let other = guest("db", "name: net0, from: lan", "qemu: {qmp: /run/db.sock}")
    let plan = plan(
      lan, web(""), other,
      on: state(
        [held],
        qemu: [
          having(given("03:00.0"), free: ["port2"]),
          runningQEMU("/run/db.sock", buses: ["pci.1"]),
        ]))
    #expect(plan.codes == [])
    #expect(plan.ids == ["detach/web/net0/live", "attach/db/net0/live"])
    #expect(plan.steps.last?.after == ["detach/web/net0/live"])
    #expect(plan.steps.last?.hostdev == given("03:00.0", on: "pci.1"))
  }

  @Test("a NIC moves from a domain of libvirt to a QEMU, and out of the definition")
  func fromLibvirt() {
    let plan = plan(
      lan, guest("winxp"), web(),
      on: state(
        [held], libvirt: [running("winxp", [marked("03:00.0", "net0")])], qemu: [runningQEMU(socket)]))
    #expect(plan.codes == [])
    // libvirt may put it back to another driver.
    #expect(
      plan.ids == [
        "detach/winxp/net0/live", "detach/winxp/net0/persistent", "bind/0000:03:00.0",
        "attach/web/net0/live",
      ])
    #expect(plan.steps.last?.hostdev == given("03:00.0"))
  }

  @Test("and the other way round")
  func toLibvirt() {
    let plan = plan(
      lan, guest("winxp", "name: net0, from: lan"), web(""),
      on: state(
        [held], libvirt: [running("winxp")],
        qemu: [having(given("03:00.0"), free: ["port2"])]))
    #expect(plan.codes == [])
    #expect(
      plan.ids == ["detach/web/net0/live", "attach/winxp/net0/persistent", "attach/winxp/net0/live"])
    #expect(plan.steps.last?.hostdev == marked("03:00.0", "net0"))
  }

  @Test("the VF of a pool goes to a QEMU, set by its PF")
  func virtualFunction() {
    let plan = plan(
      poolHost(2), web("name: net0, from: pool/1, mac: '52:54:00:00:00:01'"),
      on: state(pool(), qemu: [runningQEMU(socket)]))
    #expect(plan.codes == [])
    #expect(
      plan.ids == [
        "resize/0000:03:00.0", "configure/0000:03:10.2", "bind/0000:03:10.2", "attach/web/net0/live",
      ])
    #expect(plan.steps.last?.hostdev == given("03:10.2"))
  }
}

@Suite("The ports of a QEMU")
struct QEMUPortTests {
  private let two = web("name: net0, from: lan\nname: net1, from: dmz")

  @Test("two NICs get two ports")
  func twoPorts() {
    let plan = plan(
      both, two, on: state([nic("03:00.0"), nic("04:00.0")], qemu: [runningQEMU(socket)]))
    #expect(plan.codes == [])
    #expect(plan.step("attach/web/net0/live")?.hostdev?.bus == "port1")
    #expect(plan.step("attach/web/net1/live")?.hostdev?.bus == "port2")
  }

  @Test("a conventional bus takes several")
  func conventional() {
    var guest = runningQEMU(socket, buses: [])
    (guest.freePorts, guest.buses) = (29, [GuestState.Bus(name: "pci.0", free: 29)])
    let plan = plan(both, two, on: state([nic("03:00.0"), nic("04:00.0")], qemu: [guest]))
    #expect(plan.steps.compactMap { $0.hostdev?.bus } == ["pci.0", "pci.0"])
  }

  @Test("a port that is taken is passed over")
  func taken() {
    var guest = runningQEMU(socket)
    (guest.freePorts, guest.buses[0].free) = (1, 0)
    let plan = plan(lan, web(), on: state([nic("03:00.0")], qemu: [guest]))
    #expect(plan.steps.last?.hostdev?.bus == "port2")
  }

  @Test("a port that becomes free in the same plan is waited for")
  func becomesFree() {
    let guest = having(given("04:00.0", "net1"))
    let other = nic("04:00.0", driver: "vfio-pci", override: "vfio-pci", holders: .known([qemu]))
    let plan = plan(both, web(), on: state([nic("03:00.0"), other], qemu: [guest]))
    #expect(plan.codes == [])
    #expect(plan.step("attach/web/net0/live")?.hostdev?.bus == "port1")
    #expect(plan.before("attach/web/net0/live").contains("detach/web/net1/live"))
  }

  @Test("a port that is free already is taken before one that only becomes free")
  func freeFirst() {
    let guest = having(given("04:00.0", "net1"), free: ["port2"])
    let other = nic("04:00.0", driver: "vfio-pci", override: "vfio-pci", holders: .known([qemu]))
    let plan = plan(both, web(), on: state([nic("03:00.0"), other], qemu: [guest]))
    #expect(plan.codes == [])
    #expect(plan.step("attach/web/net0/live")?.hostdev?.bus == "port2")
  }

  @Test("without a free port it is refused, with what to add")
  func full() {
    let plan = plan(lan, web(), on: state([nic("03:00.0")], qemu: [runningQEMU(socket, buses: [])]))
    #expect(plan.codes == [.noPort] && plan.ids == [])
    #expect(plan.refusals.first?.message.names("web", "0000:03:00.0") == true)
    #expect(plan.refusals.first?.help.names("pcie-root-port,id=NAME,chassis=NUMBER") == true)
  }

  @Test("two NICs and one port: both are refused")
  func onePort() {
    let plan = plan(
      both, two, on: state([nic("03:00.0"), nic("04:00.0")], qemu: [runningQEMU(socket, buses: ["port1"])]))
    #expect(plan.codes == [.noPort, .noPort] && plan.ids == [])
    #expect(plan.refusals.first?.message.names("web", "1") == true)
  }

  @Test("a device on a bus that lets nothing go stays until the guest is shut off")
  func rigid() {
    let guest = runningQEMU(socket, [given("03:00.0", on: "pcie.0")])
    let plan = plan(lan, web(""), on: state([held], qemu: [guest]))
    #expect(plan.codes == [.noPort] && plan.ids == [])
    #expect(plan.refusals.first?.message.names("0000:03:00.0", "pcie.0", "web") == true)
    #expect(plan.refusals.first?.help != nil)
  }

  @Test("a device that cannot leave makes no room for another")
  func rigidMakesNoRoom() {
    var guest = runningQEMU(socket, [given("04:00.0", "net1", on: "pcie.0")], buses: [])
    guest.freePorts = 0
    let other = nic("04:00.0", driver: "vfio-pci", override: "vfio-pci", holders: .known([qemu]))
    let plan = plan(both, web(), on: state([nic("03:00.0"), other], qemu: [guest]))
    #expect(plan.codes.filter { $0 == .noPort }.count == 2 && plan.ids == [])
  }

  @Test("where nothing is known of its buses it chooses itself")
  func unknown() {
    var guest = runningQEMU(socket, buses: [])
    guest.freePorts = nil
    let plan = plan(lan, web(), on: state([nic("03:00.0")], qemu: [guest]))
    #expect(plan.codes == [] && plan.steps.last?.hostdev?.bus == nil)
  }
}

@Suite("The device model of a QEMU")
struct QEMUModelTests {
  private let stubLAN = host("name: lan, select: {address: '0000:03:00.0'}", driver: "pci-stub")

  @Test(
    "an old one takes the NIC from pci-stub, a new one from vfio-pci, wherever it was",
    arguments: ["igb", "pci-stub", "vfio-pci"], ["pci-assign", "vfio-pci"])
  func opener(driver: String, model: String) {
    let plan = plan(
      stubLAN, web(),
      on: state([nic("03:00.0", driver: driver)], qemu: [runningQEMU(socket, models: [model])]))
    let opener = model == "pci-assign" ? "pci-stub" : "vfio-pci"
    #expect(plan.codes == [])
    #expect(plan.binding("03:00.0") == (driver == opener ? nil : "\(driver) → \(opener)"))
    #expect(plan.steps.last?.hostdev?.driver == model)
  }

  @Test("of two models the first is taken")
  func better() {
    let plan = plan(
      lan, web(),
      on: state([nic("03:00.0")], qemu: [runningQEMU(socket, models: ["vfio-pci", "pci-assign"])]))
    #expect(plan.steps.last?.hostdev?.driver == "vfio-pci")
  }

  @Test("a QEMU that has neither is refused")
  func neither() {
    let plan = plan(
      lan, web(), on: state([nic("03:00.0")], qemu: [runningQEMU(socket, models: [])]))
    #expect(plan.codes == [.unsupported] && plan.ids == [])
    #expect(plan.refusals.first?.message.names("web", "vfio-pci", "pci-assign") == true)
  }

  @Test("kept on pci-stub for one that does not run, that is said")
  func waitsOnStub() {
    let guest = GuestState(name: socket, run: .shutoff, persistent: nil, live: nil)
    let plan = plan(stubLAN, web(), on: state([nic("03:00.0")], qemu: [guest]))
    #expect(plan.binding("03:00.0") == "igb → pci-stub")
    #expect(plan.remarks.first.names("pci-assign"))
  }

  @Test("an old one needs no IOMMU group that VFIO could open, but an IOMMU")
  func noIOMMU() {
    let plan = plan(
      lan, web(),
      on: state(
        [nic("03:00.0") { $0.iommuGroup = nil }], qemu: [runningQEMU(socket, models: ["pci-assign"])]))
    #expect(plan.codes == [.iommuOff])
  }
}
