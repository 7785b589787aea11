import HostModel
import Planning
import TestSupport
import Testing

/// Manifests whose plan loads modules and moves, releases and reserves NICs.
private let manifests =
  host(
    """
    name: lan, select: {address: '0000:03:00.0'}
    name: dmz, select: {address: '0000:04:00.0'}
    name: spare, select: {address: '0000:05:00.0'}, reserve: true, driver: pci-stub
    name: used, select: {address: '0000:06:00.0'}, reserve: true, allow: [host-network], because: 'tried "twice"'
    """) + guest("a", "name: net0, from: dmz") + guest("b", "name: net0, from: lan")

private let start = state(
  [
    nic("03:00.0", driver: "vfio-pci", override: "vfio-pci", holders: .known([qemu])), nic("04:00.0"),
    nic("05:00.0"),
    nic("06:00.0", uses: .known([HostUse(.address, "192.0.2.1/24")])),
  ], libvirt: [running("a", [marked("03:00.0", "net0", at: "00:05.0")]), running("b")],
  drivers: .known(["igb", "vfio-pci"]))

@Suite("The plan")
struct PlanTests {
  @Test("every step follows the steps that it waits for, which are all in the plan")
  func order() {
    let plan = plan(manifests, on: start)
    #expect(plan.codes == [])
    for (index, step) in plan.steps.enumerated() {
      #expect(Set(plan.ids[..<index]).isSuperset(of: step.after), "\(step.id) waits for \(step.after)")
    }
    #expect(Set(plan.ids).count == plan.ids.count)
  }

  @Test("steps of different NICs do not wait for each other")
  func independent() {
    let plan = plan(manifests, on: start)
    #expect(plan.before("bind/0000:05:00.0") == ["load/pci-stub"])
    #expect(plan.before("bind/0000:06:00.0") == [])
  }

  @Test("a device's alias is freed in a guest before it is used there again")
  func marks() {
    let plan = plan(manifests, on: start)
    #expect(plan.before("attach/a/net0/live").contains("detach/a/net0/live"))
    #expect(plan.before("attach/a/net0/persistent").contains("detach/a/net0/persistent"))
  }

  @Test("the same request on the same host gives the same plan")
  func deterministic() {
    let first = plan(manifests, on: start)
    for _ in 0..<20 { #expect(plan(manifests, on: start) == first) }
  }

  @Test(
    "a plan survives the conversion to JSON and back",
    arguments: [manifests, host("name: lan, select: {interface: nope}")])
  func comesBack(manifests: String) throws {
    for prune in [true, false] {
      let plan = plan(manifests, on: start, targets: [.nic("lan")], prune: prune)
      #expect(try roundTrip(plan) == plan)
    }
    let back = Planner.rollback(of: plan(manifests, on: start), on: start)
    #expect(try roundTrip(back) == back)
  }

  @Test("a plan with a QEMU and the kernel's choice of a driver survives it, too")
  func comesBackWithTheRare() throws {
    let state = state(
      [
        nic("03:00.0", driver: nil) { $0.nativeDriver = nil },
        nic("04:00.0", driver: "vfio-pci") { $0.nativeDriver = nil },
      ],
      qemu: [runningQEMU("/run/a.sock")])
    let plan = plan(
      host("name: lan, select: {address: '0000:03:00.0'}\nname: dmz, select: {address: '0000:04:00.0'}"),
      guest("a", "name: net0, from: lan", "qemu: {qmp: /run/a.sock}"), on: state)
    #expect(plan.ids == ["bind/0000:03:00.0", "attach/a/net0/live", "bind/0000:04:00.0"])
    #expect(try roundTrip(plan) == plan)
  }
}

@Suite("The facts of a plan")
struct FactTests {
  private let lan = host("name: lan, select: {address: '0000:03:00.0'}")

  private func changes(_ change: (inout PCIFunction) -> Void) -> [String] {
    Fact.changes(
      from: plan(lan, on: state([nic("03:00.0")])).facts,
      to: plan(lan, on: state([nic("03:00.0", change: change)])).facts)
  }

  @Test("a change names the function, the attribute and the values")
  func words() {
    #expect(changes { $0.driver = nil }.names(["0000:03:00.0", "driver", "igb"]))
    #expect(changes { $0.driverOverride = "x" }.names(["0000:03:00.0", "driver_override"]))
    #expect(
      changes { $0.id = PCIID(vendor: 1, device: 2) }.names(["0000:03:00.0", "8086:10c9", "0001:0002"]))
    #expect(changes { $0.holders = .known([qemu]) }.names(["0000:03:00.0", "holders", "qemu-system-x86"]))
    #expect(
      changes { $0.interfaces[0].uses = .known([HostUse(.bridge, "br0")]) }.names([
        "0000:03:00.0", "interfaces", "eth30", "br0",
      ]))
    #expect(
      changes {
        $0.interfaces[0].uses = .known([HostUse(.address, "192.0.2.1/24"), HostUse(.sshSession, "by it")])
      }.names(["0000:03:00.0", "interfaces", "eth30", "192.0.2.1/24"]))
  }

  @Test("a value that does not affect a plan does not make it stale")
  func noBearing() {
    #expect(changes { $0.iommuGroup = 99 } == [])
    #expect(changes { $0.interfaces[0].hasCarrier = true } == [])
    #expect(changes { $0.interfaces[0].isUp = true } == [])
    #expect(changes { $0.name = "Gigabit" } == [])
    #expect(changes { $0.remembered = RememberedIdentity(mac: nil, interface: nil, driver: nil) } == [])
  }

  @Test("a new or missing group member and a guest's device are changes")
  func others() {
    let alone = plan(lan, on: state([nic("03:00.0", group: 7)])).facts
    let joined = plan(lan, on: state([nic("03:00.0", group: 7), nic("03:00.1", group: 7)])).facts
    #expect(
      Fact.changes(from: alone, to: joined).first.names("0000:03:00.0 group", "0000:03:00.1"))
    #expect(Fact.changes(from: joined, to: alone).contains { $0.names("0000:03:00.1 driver", "igb") })
    let held = plan(lan, on: state([nic("03:00.0", group: 7)], libvirt: [off("x", [foreign("03:00.0")])]))
      .facts
    #expect(Fact.changes(from: alone, to: held).names(["0000:03:00.0", "guests", "persistent", "hostdev0"]))
  }

  @Test("a guest that was started and a changed list of drivers are changes")
  func guestsAndModules() {
    let winxp = guest("winxp", "name: net0, from: lan")
    let off = plan(lan, winxp, on: state([nic("03:00.0")], libvirt: [off("winxp")])).facts
    let on = plan(
      lan, winxp, on: state([nic("03:00.0")], libvirt: [running("winxp")], drivers: .known(["igb"]))
    ).facts
    #expect(Fact.changes(from: off, to: on).names(["winxp"], ["vfio-pci", "pci-stub"]))
  }

  @Test("an unrelated NIC is not in the facts")
  func unrelated() {
    let first = plan(lan, on: state([nic("03:00.0"), nic("04:00.0")])).facts
    let second = plan(lan, on: state([nic("03:00.0"), nic("04:00.0", driver: "vfio-pci")])).facts
    #expect(first == second)
  }
}
