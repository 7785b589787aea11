import HostModel
import Manifests
import Planning
import TestSupport
import Testing

private let socket = "/run/web.sock"
private let lan = host("name: lan, select: {address: '0000:03:00.0'}")
private let both = host(
  "name: lan, select: {address: '0000:03:00.0'}\nname: dmz, select: {address: '0000:04:00.0'}")

/// Returns a Guest document for a QEMU without libvirt.
private func web(_ nics: String = "name: net0, from: lan") -> String {
  guest("web", nics, "qemu: {qmp: \(socket)}")
}

/// Returns a device that pcipass added to a QEMU, on that bus.
private func given(
  _ short: String, _ name: String = "net0", on bus: String? = "port1", model: String = "vfio-pci"
) -> Hostdev {
  Hostdev(address: pci(short), alias: "pcipass-\(name)", isManaged: true, bus: bus, driver: model)
}

/// Returns a QEMU that has these devices, each on a port of its own, and these free ports.
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
  @Test("gets the NIC hot-plugged, on a bus that the plan names")
  func runs() throws {
    let plan = plan(lan, web(), on: state([nic("03:00.0")], qemu: [runningQEMU(socket)]))
    #expect(plan.ids == ["bind/0000:03:00.0", "attach/web/net0/live"] && plan.codes == [])
    #expect(plan.steps.last?.hostdev == given("03:00.0"))
    #expect(plan.steps.last?.disturbs == .runningGuest && plan.steps.last?.guest == "web")
  }

  @Test("gets nothing while it is off: the NIC is bound, and a notice names the command")
  func runsNot() {
    let guest = GuestState(name: socket, run: .shutoff, persistent: nil, live: nil)
    let plan = plan(lan, web(), on: state([nic("03:00.0")], qemu: [guest]))
    #expect(plan.ids == ["bind/0000:03:00.0"] && plan.codes == [])
    #expect(plan.remarks.count == 1 && plan.remarks[0].names("waits", "web"))
    #expect(plan.remarks[0].contains("pcipass render web --qemu"))
  }

  @Test("is refused, not treated as off, where it was not queried or did not answer")
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

  @Test("does not need libvirt on the host")
  func withoutLibvirt() {
    let state = state([nic("03:00.0")], qemu: [runningQEMU(socket)]) {
      $0.libvirt = .unavailable("no libvirtd")
    }
    #expect(plan(lan, web(), on: state).codes == [])
  }

  @Test("that has the NIC needs no step")
  func has() {
    let plan = plan(
      lan, web(), on: state([held], qemu: [having(given("03:00.0"), free: ["port2"])]))
    #expect(plan.isEmpty && plan.codes == [] && plan.notices == [])
  }

  @Test("is left alone while it runs with hotplug: false")
  func noHotplug() {
    let plan = plan(
      lan, web("name: net0, from: lan, hotplug: false"),
      on: state([nic("03:00.0")], qemu: [runningQEMU(socket, buses: [])]))
    #expect(plan.ids == ["bind/0000:03:00.0"] && plan.codes == [])
    #expect(plan.remarks.names(["waits", "web"]))
  }

  @Test(
    "that is paused or crashed is refused, for an attach and for a detach",
    arguments: [GuestState.RunState.paused, .crashed])
  func still(run: GuestState.RunState) {
    var guest = having(given("03:00.0"), free: ["port2"])
    guest.run = run
    let giving = plan(lan, web(""), on: state([held], qemu: [guest]))
    #expect(giving.codes == [.guestPaused] && giving.ids == [])
    guest.live = []
    let taking = plan(lan, web(), on: state([nic("03:00.0")], qemu: [guest]))
    #expect(taking.codes == [.guestPaused] && taking.ids == [])
  }

  @Test("loses a NIC that it no longer claims, which returns to its native driver")
  func removed() {
    let plan = plan(
      lan, web(""), on: state([held], qemu: [having(given("03:00.0"), free: ["port2"])]))
    #expect(plan.codes == [] && plan.ids == ["detach/web/net0/live", "bind/0000:03:00.0"])
    #expect(plan.steps.first?.reason == .removed && plan.steps.first?.hostdev == given("03:00.0"))
    #expect(plan.binding("03:00.0") == "vfio-pci → igb")
  }

  @Test("keeps a device that another tool plugged in, which a claim adopts as it is")
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

  @Test("is refused where another of its devices keeps the name of the claim")
  func nameTaken() {
    let other = nic("04:00.0", driver: "vfio-pci", override: "vfio-pci", holders: .known([qemu]))
    let plan = plan(
      both, web("name: net0, from: lan\nname: other, from: dmz"),
      on: state([nic("03:00.0"), other], qemu: [having(given("04:00.0", on: "port2"), free: ["port1"])]))
    #expect(plan.codes == [.inUse])
    #expect(plan.refusals.first?.message.names("web", "pcipass-net0", "0000:04:00.0") == true)
  }

  @Test("loses a NIC before another QEMU gets it")
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

  @Test("gets a NIC from a libvirt domain, whose definition loses it")
  func fromLibvirt() {
    let plan = plan(
      lan, guest("winxp"), web(),
      on: state(
        [held], libvirt: [running("winxp", [marked("03:00.0", "net0")])], qemu: [runningQEMU(socket)]))
    #expect(plan.codes == [])
    // libvirt may rebind the NIC to another driver at the detach.
    #expect(
      plan.ids == [
        "detach/winxp/net0/live", "detach/winxp/net0/persistent", "bind/0000:03:00.0",
        "attach/web/net0/live",
      ])
    #expect(plan.steps.last?.hostdev == given("03:00.0"))
  }

  @Test("loses a NIC before a libvirt domain gets it")
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

  @Test("gets a VF of a pool after the VF is configured on its PF")
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

  @Test("a conventional bus holds several NICs")
  func conventional() {
    var guest = runningQEMU(socket, buses: [])
    (guest.freePorts, guest.buses) = (29, [GuestState.Bus(name: "pci.0", free: 29)])
    let plan = plan(both, two, on: state([nic("03:00.0"), nic("04:00.0")], qemu: [guest]))
    #expect(plan.steps.compactMap { $0.hostdev?.bus } == ["pci.0", "pci.0"])
  }

  @Test("a port in use is skipped")
  func taken() {
    var guest = runningQEMU(socket)
    (guest.freePorts, guest.buses[0].free) = (1, 0)
    let plan = plan(lan, web(), on: state([nic("03:00.0")], qemu: [guest]))
    #expect(plan.steps.last?.hostdev?.bus == "port2")
  }

  @Test("an attach waits for the port that the same plan frees")
  func becomesFree() {
    let guest = having(given("04:00.0", "net1"))
    let other = nic("04:00.0", driver: "vfio-pci", override: "vfio-pci", holders: .known([qemu]))
    let plan = plan(both, web(), on: state([nic("03:00.0"), other], qemu: [guest]))
    #expect(plan.codes == [])
    #expect(plan.step("attach/web/net0/live")?.hostdev?.bus == "port1")
    #expect(plan.before("attach/web/net0/live").contains("detach/web/net1/live"))
  }

  @Test("a free port is preferred to one that the plan frees")
  func freeFirst() {
    let guest = having(given("04:00.0", "net1"), free: ["port2"])
    let other = nic("04:00.0", driver: "vfio-pci", override: "vfio-pci", holders: .known([qemu]))
    let plan = plan(both, web(), on: state([nic("03:00.0"), other], qemu: [guest]))
    #expect(plan.codes == [])
    #expect(plan.step("attach/web/net0/live")?.hostdev?.bus == "port2")
  }

  @Test("an attach without a free port is refused, with the option to add")
  func full() {
    let plan = plan(lan, web(), on: state([nic("03:00.0")], qemu: [runningQEMU(socket, buses: [])]))
    #expect(plan.codes == [.noPort] && plan.ids == [])
    #expect(plan.refusals.first?.message.names("web", "0000:03:00.0") == true)
    #expect(plan.refusals.first?.help.names("pcie-root-port,id=NAME,chassis=NUMBER") == true)
  }

  @Test("two NICs for one free port are both refused")
  func onePort() {
    let plan = plan(
      both, two, on: state([nic("03:00.0"), nic("04:00.0")], qemu: [runningQEMU(socket, buses: ["port1"])]))
    #expect(plan.codes == [.noPort, .noPort] && plan.ids == [])
    #expect(plan.refusals.first?.message.names("web", "1") == true)
  }

  @Test("the removal of a device on a bus without hot-unplug is refused while the guest runs")
  func rigid() {
    let guest = runningQEMU(socket, [given("03:00.0", on: "pcie.0")])
    let plan = plan(lan, web(""), on: state([held], qemu: [guest]))
    #expect(plan.codes == [.noPort] && plan.ids == [])
    #expect(plan.refusals.first?.message.names("0000:03:00.0", "pcie.0", "web") == true)
    #expect(plan.refusals.first?.help != nil)
  }

  @Test("a device that cannot be hot-unplugged does not free its port")
  func rigidMakesNoRoom() {
    var guest = runningQEMU(socket, [given("04:00.0", "net1", on: "pcie.0")], buses: [])
    guest.freePorts = 0
    let other = nic("04:00.0", driver: "vfio-pci", override: "vfio-pci", holders: .known([qemu]))
    let plan = plan(both, web(), on: state([nic("03:00.0"), other], qemu: [guest]))
    #expect(plan.codes.filter { $0 == .noPort }.count == 2 && plan.ids == [])
  }

  @Test("where the buses are unknown, the step names none")
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
    "pci-assign gets the NIC bound to pci-stub, and vfio-pci gets it bound to vfio-pci",
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

  @Test("the first of two models is used")
  func better() {
    let plan = plan(
      lan, web(),
      on: state([nic("03:00.0")], qemu: [runningQEMU(socket, models: ["vfio-pci", "pci-assign"])]))
    #expect(plan.steps.last?.hostdev?.driver == "vfio-pci")
  }

  @Test("a QEMU without either model is refused")
  func neither() {
    let plan = plan(
      lan, web(), on: state([nic("03:00.0")], qemu: [runningQEMU(socket, models: [])]))
    #expect(plan.codes == [.unsupported] && plan.ids == [])
    #expect(plan.refusals.first?.message.names("web", "vfio-pci", "pci-assign") == true)
  }

  @Test("a NIC that waits on pci-stub for a QEMU that is off has a notice")
  func waitsOnStub() {
    let guest = GuestState(name: socket, run: .shutoff, persistent: nil, live: nil)
    let plan = plan(stubLAN, web(), on: state([nic("03:00.0")], qemu: [guest]))
    #expect(plan.binding("03:00.0") == "igb → pci-stub")
    #expect(plan.remarks.first.names("pci-assign"))
  }

  @Test("pci-assign needs an IOMMU, too")
  func noIOMMU() {
    let plan = plan(
      lan, web(),
      on: state(
        [nic("03:00.0") { $0.iommuGroup = nil }], qemu: [runningQEMU(socket, models: ["pci-assign"])]))
    #expect(plan.codes == [.iommuOff])
  }
}
