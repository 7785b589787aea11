import HostModel
import Hosts
import Manifests
import Planning
import TestSupport
import Testing

private let igb = Binding(driver: "igb", override: nil)
private let vfio = Binding(driver: "vfio-pci", override: "vfio-pci")
private let onVFIO = nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")

extension SimulatedHost {
  fileprivate func bind(_ short: String, to: Binding) throws(HostFailure) {
    let from = Binding(driver: nil, override: nil)
    try perform(try refreshed(.bind(pci(short), from: from, to: to)), step: "test")
  }

  fileprivate func attach(_ device: Hostdev, _ guest: String, _ part: Placement.Part = .live)
    throws(HostFailure)
  {
    try perform(.attach(device, Placement(guest: .libvirt(domain: guest), part: part)), step: "test")
  }

  fileprivate func detach(_ device: Hostdev, _ guest: String, _ part: Placement.Part = .live)
    throws(HostFailure)
  {
    try perform(.detach(device, Placement(guest: .libvirt(domain: guest), part: part)), step: "test")
  }

  fileprivate subscript(short: String) -> PCIFunction? { state[pci(short)] }
}

/// The behaviour was measured on a real host; see docs/host-behaviour.md.
@Suite("The simulated kernel")
struct SimulatedKernelTests {
  @Test("binds a function to another driver and back, and the interface loses its configuration")
  func thereAndBack() throws {
    let host = SimulatedHost(
      state([
        nic("03:00.0", uses: .known([HostUse(.address, "192.0.2.1/24")])) { $0.interfaces[0].isUp = true }
      ]))
    try host.bind("03:00.0", to: vfio)
    #expect(host["03:00.0"]?.driver == "vfio-pci" && host["03:00.0"]?.driverOverride == "vfio-pci")
    #expect(host["03:00.0"]?.interfaces == [])
    #expect(
      host["03:00.0"]?.remembered
        == RememberedIdentity(mac: mac(of: pci("03:00.0")), interface: "eth30", driver: "igb")
    )
    try host.bind("03:00.0", to: igb)
    let interface = try #require(host["03:00.0"]?.interfaces.first)
    #expect(host["03:00.0"]?.driver == "igb" && host["03:00.0"]?.driverOverride == nil)
    #expect(interface.name == "eth30" && interface.isUp == false && interface.uses == .known([]))
    #expect(interface.permanentMAC == mac(of: pci("03:00.0")))
  }

  @Test("keeps the alternative names of an interface, and what belongs to the place of a function")
  func names() throws {
    let host = SimulatedHost(
      state([
        nic("03:00.0") {
          $0.interfaces[0].altnames = ["enp3s0f0", "uplink"]
          ($0.slots, $0.firmwareIndex, $0.firmwareLabel) = (["7"], 1, "LAN 1")
        }
      ]))
    let before = host["03:00.0"]
    try host.bind("03:00.0", to: vfio)
    #expect(host["03:00.0"]?.remembered?.altnames == ["enp3s0f0", "uplink"])
    #expect(host["03:00.0"]?.interfaceNamesAndAltnames == ["eth30", "enp3s0f0", "uplink"])
    #expect(host["03:00.0"]?.slots == ["7"] && host["03:00.0"]?.firmwareIndex == 1)
    #expect(host["03:00.0"]?.firmwareLabel == "LAN 1")
    try host.bind("03:00.0", to: igb)
    #expect(host["03:00.0"]?.interfaces == before?.interfaces)
  }

  @Test("accepts a probe with an override that names no driver, without an effect")
  func unknownOverride() throws {
    let host = SimulatedHost(state([nic("03:00.0")]))
    try host.bind("03:00.0", to: Binding(driver: "nope", override: "nope"))
    #expect(host["03:00.0"]?.driver == nil && host["03:00.0"]?.driverOverride == "nope")
  }

  @Test("does not bind a function to another card's driver")
  func wrongDriver() throws {
    let host = SimulatedHost(state([nic("03:00.0")], drivers: .known(["igb", "ixgbe"])))
    try host.bind("03:00.0", to: Binding(driver: "ixgbe", override: nil))
    #expect(host["03:00.0"]?.driver == nil)
  }

  @Test("binds a function without an IOMMU group to pci-stub, but not to vfio-pci")
  func noGroup() throws {
    let host = SimulatedHost(state([nic("03:00.0") { $0.iommuGroup = nil }]))
    let failure = failure { () throws(HostFailure) in try host.bind("03:00.0", to: vfio) }
    #expect(failure?.message.names("0000:03:00.0", "/sys/bus/pci/drivers_probe") == true)
    #expect(host["03:00.0"]?.driver == nil)
    try host.bind("03:00.0", to: Binding(driver: "pci-stub", override: "pci-stub"))
    #expect(host["03:00.0"]?.driver == "pci-stub")
  }

  @Test("does not bind a member of an IOMMU group that a guest holds to a native driver")
  func heldGroup() throws {
    let held = nic("03:00.0", driver: "vfio-pci", group: 7, holders: .known([qemu]))
    let host = SimulatedHost(state([held, nic("03:00.1", driver: "pci-stub", group: 7)]))
    #expect(failure { () throws(HostFailure) in try host.bind("03:00.1", to: igb) }?.kind == .refused)
    #expect(host["03:00.1"]?.driver == nil)
  }

  @Test("does not change a function that a process has open", arguments: ["vfio-pci", nil])
  func held(driver: String?) throws {
    let start = state([nic("03:00.0", driver: driver, override: "vfio-pci", holders: .known([qemu]))])
    let host = SimulatedHost(start)
    let failure = failure { () throws(HostFailure) in try host.bind("03:00.0", to: igb) }
    #expect(failure?.kind == .inUse)
    #expect(failure?.message.names("4711", "qemu-system-x86", "0000:03:00.0") == true)
    #expect(host.state == start)
  }

  @Test("deletes the VFs of a PF that is unbound")
  func virtualFunctions() throws {
    let host = SimulatedHost(
      state([
        nic("03:00.0") { $0.sriov = SRIOV(total: 7, count: 1) },
        nic("03:10.0") { $0.virtualFunction = VirtualFunction(physicalFunction: pci("03:00.0"), index: 0) },
      ]))
    try host.bind("03:00.0", to: vfio)
    #expect(host["03:10.0"] == nil)
    #expect(host["03:00.0"]?.sriov?.count == 0)
  }

  @Test("adds the driver of a module that is loaded, and fails for an unknown module")
  func modules() throws {
    let host = SimulatedHost(state([nic("03:00.0")], drivers: .known([])))
    try host.perform(.load(module: "vfio-pci"), step: "test")
    try host.perform(.load(module: "igb"), step: "test")
    #expect(host.state.kernel.drivers == .known(["igb", "vfio-pci"]))
    #expect(host.state.kernel.modules == .known(["igb", "vfio_pci"]))
    #expect(
      failure { () throws(HostFailure) in try host.perform(.load(module: "nope"), step: "test") }?.message
        .names("modprobe", "1") == true)
  }

  @Test("reports a missing function as unreadable")
  func unknownFunction() {
    let host = SimulatedHost(state([]))
    #expect(failure { () throws(HostFailure) in try host.bind("03:00.0", to: vfio) }?.kind == .unreadable)
  }

  @Test("chooses the native driver of a function")
  func kernelsChoice() throws {
    let host = SimulatedHost(state([onVFIO]))
    try host.bind("03:00.0", to: Binding(driver: nil, override: nil, isChosenByKernel: true))
    #expect(host["03:00.0"]?.driver == "igb" && host["03:00.0"]?.driverOverride == nil)
  }
}

@Suite("The simulated guests")
struct SimulatedGuestTests {
  private let device = marked("03:00.0", "net0")

  @Test("A running guest opens the IOMMU group, and every member shows its process")
  func opens() throws {
    let host = SimulatedHost(
      state(
        [nic("03:00.0", driver: "vfio-pci", group: 7), nic("03:00.1", driver: "vfio-pci", group: 7)],
        libvirt: [running("a")]))
    try host.attach(device, "a")
    #expect(host["03:00.0"]?.holders.value?.map(\.command) == ["qemu-system-x86"])
    #expect(host["03:00.1"]?.holders == host["03:00.0"]?.holders)
    try host.detach(device, "a")
    #expect(host["03:00.0"]?.holders == .known([]) && host["03:00.1"]?.holders == .known([]))
  }

  @Test("A change of a definition affects no driver and no process")
  func definition() throws {
    let host = SimulatedHost(state([nic("03:00.0")], libvirt: [off("a")]))
    try host.attach(device, "a", .persistent)
    #expect(host.state.libvirt.value?.first?.persistent == [marked("03:00.0", "net0", at: "01:00.0")])
    #expect(host["03:00.0"]?.driver == "igb")
  }

  @Test("libvirt binds a managed device, and rebinds its former driver at the detach")
  func managed() throws {
    let host = SimulatedHost(
      state([nic("03:00.0")], libvirt: [running("a")], drivers: .known(["igb"])) { $0.kernel.hasVFIO = true })
    try host.attach(device, "a")
    #expect(host["03:00.0"]?.driver == "vfio-pci")
    try host.detach(device, "a")
    #expect(host["03:00.0"]?.driver == "igb" && host["03:00.0"]?.driverOverride == nil)
  }

  @Test("A managed device that was on vfio-pci before stays on it")
  func staysOnVFIO() throws {
    let host = SimulatedHost(state([onVFIO], libvirt: [running("a")]))
    try host.attach(device, "a")
    try host.detach(device, "a")
    #expect(host["03:00.0"]?.driver == "vfio-pci")
  }

  @Test("A detach succeeds also where libvirt cannot rebind the native driver")
  func cannotPutBack() throws {
    let host = SimulatedHost(
      state(
        [nic("03:00.0", group: 7), nic("03:00.1", driver: "vfio-pci", group: 7)], libvirt: [running("a")]))
    try host.attach(device, "a")
    try host.attach(marked("03:00.1", "net1"), "a")
    try host.detach(device, "a")
    #expect(host.state.libvirt.value?.first?.live == [marked("03:00.1", "net1", at: "02:00.0")])
    #expect(host["03:00.0"]?.driver == nil)
  }

  @Test("An unmanaged device must be on vfio-pci before the attach")
  func unmanaged() throws {
    let host = SimulatedHost(state([nic("03:00.0")], libvirt: [running("a")]))
    let failure = failure { () throws(HostFailure) in
      try host.attach(marked("03:00.0", "net0", managed: false), "a")
    }
    #expect(failure?.message.names("0000:03:00.0") == true)
  }

  struct Refused: Sendable, CustomTestStringConvertible {
    let why: String
    let guests: [GuestState]
    let words: String
    var testDescription: String { why }
  }

  @Test(
    "libvirt refuses an attach with its own error text",
    arguments: [
      Refused(
        why: "alias taken", guests: [running("a", [marked("04:00.0", "net0")])],
        words: "non unique alias detected: ua-pcipass-net0"),
      Refused(
        why: "in it already", guests: [running("a", [foreign("03:00.0")])],
        words: "in use by driver QEMU, domain a"),
      Refused(why: "off", guests: [off("a")], words: "domain is not running"),
      Refused(
        why: "in use", guests: [running("a"), running("b", [foreign("03:00.0")])],
        words: "PCI device 0000:03:00.0 is in use by driver QEMU, domain b"),
      Refused(why: "no domain", guests: [], words: "no domain with matching name 'a'"),
    ])
  func refused(refused: Refused) {
    let start = state([onVFIO, nic("04:00.0", driver: "vfio-pci")], libvirt: refused.guests)
    let host = SimulatedHost(start)
    let failure = failure { () throws(HostFailure) in try host.attach(device, "a") }
    #expect(failure?.kind == .refused && failure?.message.contains(refused.words) ?? false)
    #expect(host.state == start)
  }

  @Test("An IOMMU group is not viable with a native driver, except that of a bridge")
  func viability() throws {
    let guests = [running("a")]
    let mixed = SimulatedHost(
      state([nic("03:00.0", driver: "vfio-pci", group: 7), nic("03:00.1", group: 7)], libvirt: guests))
    #expect(failure { () throws(HostFailure) in try mixed.attach(device, "a") }?.message.names("7") == true)
    let clean = SimulatedHost(
      state(
        [
          nic("03:00.0", driver: "vfio-pci", group: 7), nic("03:00.1", driver: nil, group: 7),
          device(port: "00:07.0"),
        ], libvirt: guests))
    #expect(failure { () throws(HostFailure) in try clean.attach(device, "a") } == nil)
  }

  private func device(port: String) -> PCIFunction {
    TestSupport.device(port, class: 0x060400, driver: "pcieport", group: 7)
  }

  @Test("An IOMMU group that another guest or process has open is busy")
  func busy() {
    let other = SimulatedHost(
      state(
        [
          nic("03:00.0", driver: "vfio-pci", group: 7, holders: .known([qemu])),
          nic("03:00.1", driver: "vfio-pci", group: 7, holders: .known([qemu])),
        ], libvirt: [running("a"), running("b", [foreign("03:00.1")])]))
    #expect(
      failure { () throws(HostFailure) in try other.attach(device, "a") }?.message.names(
        "Device or resource busy") == true)
  }

  @Test(
    "A guest that is paused or never answers an unplug request keeps its device",
    arguments: [true, false])
  func unanswered(isPaused: Bool) {
    var guest = running("a", [device])
    if isPaused { guest.run = .paused }
    let start = state([onVFIO], libvirt: [guest]) {
      if !isPaused { $0.simulation = Simulation(unplug: ["a": .never]) }
    }
    let host = SimulatedHost(start)
    let failure = failure { () throws(HostFailure) in try host.detach(device, "a") }
    #expect(failure?.kind == .unanswered)
    #expect(failure?.message.names("0000:03:00.0") == true)
    #expect(host.state == start)
  }

  @Test("libvirt refuses to unplug one function of a shared slot; QEMU unplugs all of the slot")
  func sharedSlot() throws {
    let devices = [marked("03:00.0", "a", at: "01:00.0"), marked("04:00.0", "b", at: "01:00.1")]
    let functions = ["03:00.0", "04:00.0"].map { nic($0, driver: "vfio-pci", override: "vfio-pci") }
    let host = SimulatedHost(
      state(
        functions, libvirt: [running("winxp", devices, live: devices)], qemu: [runningQEMU("/run/q.sock")]))
    #expect(throws: HostFailure.self) { try host.detach(devices[1], "winxp") }
    var state = host.state
    state.libvirt = .known([])
    var guest = runningQEMU("/run/q.sock")
    guest.live = devices
    state.qemu = .known([guest])
    let other = SimulatedHost(state)
    try other.perform(
      .detach(devices[0], Placement(guest: .qemu(socket: "/run/q.sock"), part: .live)), step: "test")
    #expect(other.state.qemu.value?.first?.live == [])
  }

  @Test("A guest that answers late keeps its device until the next command observes the host")
  func late() throws {
    let held = nic("03:00.0", driver: "vfio-pci", holders: .known([qemu]))
    let host = SimulatedHost(
      state([held], libvirt: [running("a", [device])]) { $0.simulation = Simulation(unplug: ["a": .late]) })
    #expect(failure { () throws(HostFailure) in try host.detach(device, "a") }?.kind == .unanswered)
    #expect(host.state.libvirt.value?.first?.live == [device])
    let next = SimulatedHost(host.state).state
    #expect(next.libvirt.value?.first?.live == [] && next.libvirt.value?.first?.persistent == [device])
    #expect(next[device.address]?.holders == .known([]))
  }

  @Test("A device uses a free port until its detach; an attach without a free port is refused")
  func ports() throws {
    var guest = running("a")
    guest.freePorts = 1
    let host = SimulatedHost(state([onVFIO, nic("04:00.0", driver: "vfio-pci")], libvirt: [guest]))
    try host.attach(device, "a")
    #expect(host.state.libvirt.value?.first?.freePorts == 0)
    #expect(
      failure { () throws(HostFailure) in try host.attach(marked("04:00.0", "other"), "a") }?.message.names(
        "No more available PCI slots", "1", "20") == true)
    try host.detach(device, "a")
    #expect(host.state.libvirt.value?.first?.freePorts == 1)
  }

  @Test("A guest that never answers does not prevent a detach from its definition")
  func unansweredDefinition() throws {
    let host = SimulatedHost(
      state([onVFIO], libvirt: [running("a", [device])]) { $0.simulation = Simulation(unplug: ["a": .never]) }
    )
    try host.detach(device, "a", .persistent)
    #expect(host.state.libvirt.value?.first?.persistent == [])
  }

  @Test(
    "A device that is not attached cannot be detached",
    arguments: [Placement.Part.live, .persistent])
  func notThere(part: Placement.Part) {
    let host = SimulatedHost(state([onVFIO], libvirt: [running("a", [marked("03:00.0", "other")])]))
    #expect(
      failure { () throws(HostFailure) in try host.detach(device, "a", part) }?.message.names(
        "0000:03:00.0", "99", "10") == true)
  }
}
