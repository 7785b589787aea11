import Execution
import HostModel
import Hosts
import Manifests
import Planning
import TestSupport
import Testing

private let socket = "/run/web.sock"
private let live = Placement(guest: .qemu(socket: socket), part: .live)
private let onVFIO = nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")

private func device(
  _ short: String = "03:00.0", _ id: String = "pcipass-net0", on bus: String? = "port1",
  model: String? = "vfio-pci"
) -> Hostdev {
  Hostdev(address: pci(short), alias: id, isManaged: true, bus: bus, driver: model)
}

/// The error texts were measured with QEMU 10.0; see docs/host-behaviour.md.
@Suite("A simulated QEMU without libvirt")
struct SimulatedQEMUTests {
  private func guest(_ host: SimulatedHost) -> GuestState? { host.state.qemu.value?.first }

  @Test("uses a bus and opens the IOMMU group for a device, and releases both at the detach")
  func thereAndBack() throws {
    let start = state([onVFIO], qemu: [runningQEMU(socket)])
    let host = SimulatedHost(start)
    try host.perform(.attach(device(), live), step: "test")
    #expect(guest(host)?.live == [device()] && guest(host)?.freePorts == 1)
    #expect(guest(host)?.buses.map(\.free) == [0, 1])
    #expect(host.state[pci("03:00.0")]?.holders.value?.isEmpty == false)
    try host.perform(.detach(device(), live), step: "test")
    #expect(host.state == start)
  }

  struct Refused: Sendable, CustomTestStringConvertible {
    let why: String
    var device = ExecutionTests.device()
    var guest = runningQEMU(socket)
    var function = onVFIO
    let words: String
    var testDescription: String { why }
  }

  @Test(
    "refuses an attach with QEMU's error text, and changes nothing",
    arguments: [
      Refused(
        why: "bus full", guest: runningQEMU(socket, [ExecutionTests.device("04:00.0", "x")], buses: []),
        words: "Bus 'port1' not found"),
      Refused(
        why: "port taken",
        guest: GuestState(
          name: socket, run: .running, persistent: nil, live: [], freePorts: 0,
          buses: [GuestState.Bus(name: "port1", free: 0)], models: ["vfio-pci"]),
        words:
          "PCI: slot 0 function 0 already occupied by vfio-pci, new func vfio-pci cannot be exposed to guest."
      ),
      Refused(why: "no such bus", device: device(on: "port9"), words: "Bus 'port9' not found"),
      Refused(
        why: "id taken",
        guest: runningQEMU(socket, [ExecutionTests.device("04:00.0", on: "port2")], buses: ["port1"]),
        words: "Duplicate device ID 'pcipass-net0'"),
      Refused(
        why: "there already",
        guest: runningQEMU(socket, [ExecutionTests.device(on: "port2").named("x")], buses: ["port1"]),
        words: "vfio 0000:03:00.0: device is already attached"),
      Refused(
        why: "not on vfio-pci", function: nic("03:00.0"),
        words: "vfio 0000:03:00.0: Could not open '/dev/vfio/124': No such file or directory"),
      Refused(
        why: "on pci-stub", function: nic("03:00.0", driver: "pci-stub"),
        words: "vfio 0000:03:00.0: Could not open '/dev/vfio/124': No such file or directory"),
      Refused(
        why: "another's", function: nic("03:00.0", driver: "vfio-pci", holders: .known([qemu])),
        words: "vfio 0000:03:00.0: Could not open '/dev/vfio/124': Device or resource busy"),
      Refused(
        why: "unknown model", device: device(model: "pci-assign"),
        words: "'pci-assign' is not a valid device model name"),
      Refused(
        why: "off", guest: GuestState(name: socket, run: .shutoff, persistent: nil, live: nil),
        words: "the QEMU at /run/web.sock is not running"),
    ])
  func refused(refused: Refused) {
    let start = state([refused.function, nic("04:00.0", driver: "vfio-pci")], qemu: [refused.guest])
    let host = SimulatedHost(start)
    let failure = failure { () throws(HostFailure) in
      try host.perform(.attach(refused.device, live), step: "test")
    }
    #expect(failure?.kind == .refused)
    #expect(failure?.message.hasSuffix(refused.words) ?? false, "\(failure?.message ?? "no failure")")
    #expect(host.state == start)
  }

  @Test("attaches a function on pci-stub with pci-assign, but not one on vfio-pci")
  func legacyModel() throws {
    let host = SimulatedHost(
      state(
        [nic("03:00.0", driver: "pci-stub", override: "pci-stub")],
        qemu: [runningQEMU(socket, models: ["pci-assign"])]))
    try host.perform(.attach(device(model: "pci-assign"), live), step: "test")
    #expect(guest(host)?.live == [device(model: "pci-assign")])
    let other = SimulatedHost(state([onVFIO], qemu: [runningQEMU(socket, models: ["pci-assign"])]))
    #expect(
      failure { () throws(HostFailure) in
        try other.perform(.attach(device(model: "pci-assign"), live), step: "test")
      } != nil)
  }

  @Test("is unreadable where it was not observed")
  func notAsked() {
    let host = SimulatedHost(state([onVFIO]))
    let failure = failure { () throws(HostFailure) in
      try host.perform(.attach(device(), live), step: "test")
    }
    #expect(failure?.kind == .unreadable && failure?.message.names("/run/web.sock") == true)
  }

  @Test("changes nothing where the guest never answers an unplug request")
  func never() {
    let start = state([onVFIO], qemu: [runningQEMU(socket, [device()], buses: ["port2"])]) {
      $0.simulation = Simulation(unplug: [socket: .never])
    }
    let host = SimulatedHost(start)
    let failure = failure { () throws(HostFailure) in
      try host.perform(.detach(device(), live), step: "test")
    }
    #expect(failure?.kind == .unanswered)
    #expect(failure?.message.names("/run/web.sock", "0000:03:00.0") == true)
    #expect(host.state == start)
  }

  @Test("has released device and port at the next observation where the guest answers late")
  func late() {
    var guest = runningQEMU(socket, [device()])
    (guest.freePorts, guest.buses[0].free) = (1, 0)
    let host = SimulatedHost(
      state([nic("03:00.0", driver: "vfio-pci", holders: .known([qemu]))], qemu: [guest]) {
        $0.simulation = Simulation(unplug: [socket: .late])
      })
    #expect(
      failure { () throws(HostFailure) in try host.perform(.detach(device(), live), step: "test") }?.kind
        == .unanswered)
    #expect(self.guest(host)?.live == [device()])
    let next = SimulatedHost(host.state)
    #expect(self.guest(next)?.live == [] && self.guest(next)?.freePorts == 2)
    #expect(self.guest(next)?.buses.map(\.free) == [1, 1])
    #expect(next.state[pci("03:00.0")]?.holders == .known([]))
  }

  @Test("exchanges NICs with another QEMU and back, also where neither has a free port")
  func moved() {
    let manifests =
      host("name: lan, select: {address: '0000:03:00.0'}\nname: dmz, select: {address: '0000:04:00.0'}")
      + TestSupport.guest("web", "name: net0, from: lan", "qemu: {qmp: \(socket)}")
      + TestSupport.guest("db", "name: net0, from: dmz", "qemu: {qmp: /run/db.sock}")
    func full(_ name: String, _ short: String) -> GuestState {
      GuestState(
        name: name, run: .running, persistent: nil, live: [device(short)], freePorts: 0,
        buses: [GuestState.Bus(name: "port1", free: 0)], models: ["vfio-pci"])
    }
    let start = state(
      [onVFIO, nic("04:00.0", driver: "vfio-pci", override: "vfio-pci")].map { function in
        var function = function
        function.holders = .known([qemu])
        return function
      }, qemu: [full(socket, "04:00.0"), full("/run/db.sock", "03:00.0")])
    let there = plan(manifests, on: start)
    #expect(there.codes == [])
    let host = SimulatedHost(start)
    #expect(Executor(host: host, journal: { _ in }).run(there.steps).end == .success)
    #expect(plan(manifests, on: host.state).isEmpty)
    let back = Planner.rollback(of: there, on: host.state)
    #expect(back.codes == [])
    #expect(Executor(host: host, journal: { _ in }).run(back.steps).end == .success)
    #expect(Standing(host.state) == Standing(start))
  }
}

extension Hostdev {
  fileprivate func named(_ id: String) -> Hostdev {
    var result = self
    result.alias = id
    return result
  }
}
