import HostModel
import Planning
import TestSupport
import Testing

/// NICs that share a PCI slot of their guest.
@Suite("Functions that share a slot of a guest")
struct GuestSlotTests {
  private let nics = host(
    "name: lan, select: {address: '0000:03:00.0'}\nname: wan, select: {address: '0000:02:00.0'}")
  private let lan = marked("03:00.0", "lan", at: "01:00.0")
  private let wan = marked("02:00.0", "wan", at: "01:00.1")

  private func functions(held: Bool) -> [PCIFunction] {
    ["02:00.0", "03:00.0"].map {
      nic($0, driver: "vfio-pci", override: "vfio-pci", holders: .known(held ? [qemu] : []))
    }
  }

  @Test(
    "are not hot-unplugged from a running guest one by one",
    arguments: ["name: wan, from: wan", "name: lan, from: lan"])
  func running(claims: String) {
    let guest = TestSupport.running("multi", [lan, wan], live: [lan, wan])
    let plan = plan(
      nics, TestSupport.guest("multi", claims), on: state(functions(held: true), libvirt: [guest]))
    #expect(Set(plan.codes) == [.guestSlot] && plan.ids == [])
  }

  @Test("are not left in a definition without function 0, which the guest could not see")
  func definition() {
    func plan(_ claims: String, _ devices: [Hostdev]) -> Plan {
      TestSupport.plan(
        nics, guest("multi", claims), on: state(functions(held: false), libvirt: [off("multi", devices)]))
    }
    #expect(plan("name: wan, from: wan", [lan, wan]).codes == [.guestSlot])
    #expect(plan("name: lan, from: lan", [lan, wan]).codes == [])
    #expect(plan("", [lan, wan]).codes == [])
    // Another device has function 0, or the removal leaves another device without it.
    var beside = wan
    beside.slotFunctions = [0]
    #expect(plan("", [beside]).codes == [])
    var first = lan
    first.slotFunctions = [3]
    #expect(plan("", [first]).codes == [.guestSlot])
    // The definition had no function 0 before.
    #expect(plan("name: wan, from: wan", [wan]).codes == [])
  }

  @Test("are all restored by a rollback to a guest that is off")
  func back() throws {
    let start = state(functions(held: false), libvirt: [off("multi", [lan, wan])])
    let plan = plan(nics, guest("multi", ""), on: start)
    let there = try applied(plan, to: start)
    let back = Planner.rollback(of: plan, on: there)
    #expect(back.codes == [])
    let devices = try applied(back, to: there).libvirt.value?.first?.persistent
    #expect(Set(devices?.map(\.guestAddress) ?? []) == [pci("01:00.0"), pci("01:00.1")])
  }

  @Test("are recognised by QEMU's bus where the firmware has not set up the port")
  func unknownPlaces() {
    func device(_ short: String, _ name: String) -> Hostdev {
      Hostdev(address: pci(short), alias: "pcipass-\(name)", isManaged: false, bus: "rp1", driver: "vfio-pci")
    }
    var guest = runningQEMU("/run/q.sock")
    guest.live = [device("03:00.0", "lan"), device("02:00.0", "wan")]
    guest.freePorts = nil
    let plan = plan(
      nics, TestSupport.guest("q", "name: wan, from: wan", "qemu: {qmp: /run/q.sock}"),
      on: state(functions(held: true), qemu: [guest]))
    #expect(plan.codes == [.guestSlot])
  }
}
