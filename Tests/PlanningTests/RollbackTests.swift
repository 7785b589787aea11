import HostModel
import Hosts
import Planning
import TestSupport
import Testing

@Suite("Rollback")
struct RollbackTests {
  private let lan = host("name: lan, select: {address: '0000:03:00.0'}")
  private let winxp = guest("winxp", "name: net0, from: lan")
  private let before = state([nic("03:00.0")], libvirt: [running("winxp")], drivers: .known(["igb"]))

  /// Returns the host after the first steps of a plan.
  private func after(_ count: Int, of plan: Plan, on state: HostState) throws -> HostState {
    let host = SimulatedHost(state)
    for step in plan.steps.prefix(count) { try host.perform(step.action, step: step.id) }
    return host.state
  }

  @Test("an applied plan is undone in reverse order, and what stays is reported")
  func whole() throws {
    let plan = plan(lan, winxp, on: before)
    let back = Planner.rollback(of: plan, on: try after(4, of: plan, on: before))
    #expect(back.codes == [])
    #expect(
      back.ids == [
        "undo/attach/winxp/net0/live", "undo/attach/winxp/net0/persistent", "undo/bind/0000:03:00.0",
      ])
    #expect(
      back.steps.map(\.after) == [[], ["undo/attach/winxp/net0/live"], ["undo/attach/winxp/net0/persistent"]])
    #expect(back.steps.map(\.disturbs) == [.runningGuest, .nothing, .nothing])
    #expect(back.steps.allSatisfy { $0.reason == .rollback })
    #expect(back.remarks.names(["unmanaged", "load/vfio-pci"]))
    guard case .bind(let step) = back.steps.last?.action else {
      Issue.record("no bind")
      return
    }
    #expect("\(step.from) → \(step.to)" == "vfio-pci → igb")
  }

  @Test("of a partly applied plan, the applied steps are undone", arguments: [0, 1, 2, 3])
  func part(count: Int) throws {
    let plan = plan(lan, winxp, on: before)
    let back = Planner.rollback(of: plan, on: try after(count, of: plan, on: before))
    #expect(back.codes == [])
    #expect(back.steps.count == max(count - 1, 0))
    #expect(Set(back.steps.flatMap(\.after)).isSubset(of: back.ids))
  }

  @Test("a NIC that changed since is refused, with what was found")
  func changed() throws {
    let plan = plan(lan, winxp, on: before)
    var state = try after(4, of: plan, on: before)
    state.functions[0].driver = "uio_pci_generic"
    let back = Planner.rollback(of: plan, on: state)
    #expect(back.codes == [.changed])
    #expect(back.refusals.first?.details.names(["0000:03:00.0", "uio_pci_generic", "vfio-pci"]) == true)
  }

  @Test("a removal is not undone where the guest was undefined since, or is unknown")
  func guestGone() throws {
    let state = state(
      [nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")],
      libvirt: [off("winxp", [marked("03:00.0", "net0")])])
    let plan = plan(lan, guest("winxp"), on: state)
    var now = try after(2, of: plan, on: state)
    now.libvirt = .known([])
    #expect(Planner.rollback(of: plan, on: now).codes == [.changed])
    now.libvirt = .unavailable("no libvirtd")
    #expect(Planner.rollback(of: plan, on: now).codes == [.changed])
  }

  @Test("a restored device keeps its address in the guest")
  func guestAddress() throws {
    let state = state(
      [nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")],
      libvirt: [off("winxp", [marked("03:00.0", "net0", at: "00:05.0")])])
    let plan = plan(lan, guest("winxp"), on: state)
    let back = Planner.rollback(of: plan, on: try after(2, of: plan, on: state))
    #expect(back.steps.last?.hostdev == marked("03:00.0", "net0", at: "00:05.0"))
  }

  @Test("a mark is undone though libvirt has added to the device since")
  func adopted() throws {
    let byHand = Hostdev(address: pci("03:00.0"), alias: nil, isManaged: true, guestAddress: pci("05:00.0"))
    let state = state(
      [nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")], libvirt: [off("winxp", [byHand])])
    let plan = plan(lan, guest("winxp", "name: net0, from: lan"), on: state)
    var now = try after(2, of: plan, on: state)
    var guests = try #require(now.libvirt.value)
    guests[0].persistent?[0].driver = "vfio"
    now.libvirt = .known(guests)
    let back = Planner.rollback(of: plan, on: now)
    #expect(back.codes == [] && back.ids == ["undo/edit/winxp/net0/persistent"])
    #expect(try after(1, of: back, on: now).libvirt == state.libvirt)
  }

  @Test("without free ports, the added device is unplugged before the removed one returns")
  func makesRoom() throws {
    let devices = [marked("04:00.0", "net0")]
    let state = state(
      [
        nic("04:00.0", driver: "vfio-pci", override: "vfio-pci", holders: .known([qemu])),
        nic("03:00.0", driver: "vfio-pci", override: "vfio-pci"),
      ], libvirt: [withPorts(running("winxp", devices, live: devices), 3)])
    let nics = host(
      "name: lan, select: {address: '0000:03:00.0'}\nname: dmz, select: {address: '0000:04:00.0'}")
    let plan = plan(nics, guest("winxp", "name: net1, from: lan"), on: state)
    var now = try after(plan.steps.count, of: plan, on: state)
    var guests = try #require(now.libvirt.value)
    guests[0].freePorts = 0
    now.libvirt = .known(guests)
    let back = Planner.rollback(of: plan, on: now)
    #expect(back.codes == [])
    #expect(back.before("undo/detach/winxp/net0/live").contains("undo/attach/winxp/net1/live"))
    #expect(
      try after(back.steps.count, of: back, on: now).libvirt.value?[0].live?.map(\.alias) == [
        "ua-pcipass-net0"
      ])
  }

  @Test("a change of managed is undone, though name and function are the same")
  func replaced() throws {
    let state = state(
      [nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")],
      libvirt: [off("winxp", [marked("03:00.0", "net0", at: "05:00.0")])])
    let plan = plan(lan, guest("winxp", "name: net0, from: lan, managed: false"), on: state)
    let now = try after(2, of: plan, on: state)
    #expect(
      now.libvirt.value?.first?.persistent == [marked("03:00.0", "net0", managed: false, at: "05:00.0")])
    let back = Planner.rollback(of: plan, on: now)
    #expect(back.ids == ["undo/edit/winxp/net0/persistent"])
    #expect(try after(1, of: back, on: now).libvirt == state.libvirt)
  }

  @Test("a NIC that a process has opened since, or whose holders are unknown, is refused")
  func inUse() throws {
    let reserved = host("name: lan, select: {address: '0000:03:00.0'}, reserve: true")
    let plan = plan(reserved, on: before)
    var state = try after(2, of: plan, on: before)
    state.functions[0].holders = .known([Holder(process: 77, command: "dpdk")])
    #expect(Planner.rollback(of: plan, on: state).codes == [.inUse])
    state.functions[0].holders = .unavailable("not root")
    #expect(Planner.rollback(of: plan, on: state).codes == [.unavailable])
  }

  @Test("a NIC that the host has started to use is refused, and passes where that is allowed")
  func hostNetwork() throws {
    let state = state([nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")])
    let released = plan(lan, on: state)
    var now = try after(1, of: released, on: state)
    now.functions[0].interfaces[0].uses = .known([HostUse(.defaultRoute, "IPv4")])
    let refused = Planner.rollback(of: released, on: now)
    #expect(refused.codes == [.hostNetwork])
    #expect(refused.refusals.first?.details.names(["eth30", "IPv4"]) == true)
    let allowing = plan(
      host("name: lan, select: {address: '0000:03:00.0'}, allow: [host-network], because: agreed"), on: state)
    now.functions[0].interfaces[0].uses = .known([HostUse(.bridge, "br0"), HostUse(.sshSession, "by it")])
    let back = Planner.rollback(of: allowing, on: now)
    #expect(back.codes == [] && back.steps.map(\.disturbs) == [.hostNetwork])
    #expect(back.allowances.names(["host-network", "eth30", "br0", "agreed"]))
  }

  @Test("a group's other member is rebound after the guest's device is unplugged")
  func group() throws {
    let hosts = host(
      "name: lan, select: {address: '0000:03:00.0'}\nname: dmz, select: {address: '0000:03:00.1'}, reserve: true"
    )
    let state = state([nic("03:00.0", group: 7), nic("03:00.1", group: 7)], libvirt: [running("winxp")])
    let plan = plan(hosts, winxp, on: state)
    let now = try after(4, of: plan, on: state)
    #expect(now[pci("03:00.1")]?.holders.value?.count == 1)
    let back = Planner.rollback(of: plan, on: now)
    #expect(back.codes == [])
    #expect(back.before("undo/bind/0000:03:00.1").contains("undo/attach/winxp/net0/live"))
  }

  @Test("a NIC that a guest got since with managed: false is not unbound")
  func unmanagedOfLaterGuest() throws {
    let plan = plan(host("name: lan, select: {address: '0000:03:00.0'}, reserve: true"), on: before)
    var now = try after(plan.steps.count, of: plan, on: before)
    now.libvirt = .known([off("winxp", [marked("03:00.0", "net0", managed: false)])])
    #expect(Planner.rollback(of: plan, on: now).codes == [.inUse])
    #expect(Planner.rollback(of: plan, on: now, isFinal: false).codes == [.inUse])
    now.libvirt = .known([off("winxp", [marked("03:00.0", "net0")])])
    #expect(Planner.rollback(of: plan, on: now).codes == [])
  }

  @Test("a device with managed: false is not restored where its NIC is to be unbound")
  func unmanagedThatComesBack() throws {
    let claimed = state(
      [nic("03:00.0")], libvirt: [off("winxp", [marked("03:00.0", "net0", managed: false)])])
    let reserved = host("name: lan, select: {address: '0000:03:00.0'}, reserve: true")
    let plan = plan(reserved, guest("winxp"), on: claimed)
    let now = try after(plan.steps.count, of: plan, on: claimed)
    #expect(now[pci("03:00.0")]?.driver == "vfio-pci" && now.libvirt.value?.first?.persistent == [])
    #expect(Planner.rollback(of: plan, on: now).codes == [.inUse])
  }

  @Test("a NIC that another running guest got since is refused, though ownership is allowed")
  func runningElsewhere() throws {
    let allowing = host(
      "name: lan, select: {address: '0000:03:00.0'}, allow: [ownership], because: agreed, reserve: true")
    let had = state(
      [nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")],
      libvirt: [running("winxp", [marked("03:00.0", "net0")], live: [marked("03:00.0", "net0")])])
    let plan = plan(allowing, guest("winxp"), on: had)
    var now = try after(plan.steps.count, of: plan, on: had)
    now.libvirt = .known((now.libvirt.value ?? []) + [running("other", [], live: [foreign("03:00.0")])])
    #expect(Planner.rollback(of: plan, on: now).codes == [.inUse])
  }

  @Test("a group of which a guest got only one NIC since is not returned to the host")
  func groupOfLaterGuest() throws {
    let reserved = host(
      """
      name: lan, select: {address: '0000:03:00.0'}, reserve: true
      name: dmz, select: {address: '0000:03:00.1'}, reserve: true
      """)
    let state = state([nic("03:00.0", group: 7), nic("03:00.1", group: 7)], libvirt: [off("winxp")])
    let plan = plan(reserved, on: state)
    let applied = try after(plan.steps.count, of: plan, on: state)
    #expect(Planner.rollback(of: plan, on: applied).codes == [])
    var now = applied
    now.libvirt = .known([off("winxp", [marked("03:00.0", "net0")])])
    #expect(Planner.rollback(of: plan, on: now).codes == [.iommuGroup])
    now.libvirt = .known([off("winxp", [marked("03:00.0", "net0"), marked("03:00.1", "net1")])])
    #expect(Planner.rollback(of: plan, on: now).codes == [])
  }
}

@Suite("The undo of a removal whose NIC the host now uses")
struct UseSinceTests {
  private let lan = host("name: lan, select: {address: '0000:03:00.0'}")

  /// Returns the undo of a removal from a guest that is off, where the host uses the NIC now.
  private func back(_ use: HostUse, isFinal: Bool) -> Plan {
    let held = state(
      [nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")],
      libvirt: [off("winxp", [marked("03:00.0", "net0")])])
    let removal = plan(lan, guest("winxp"), on: held)
    let used = state([nic("03:00.0", uses: .known([use]))], libvirt: [off("winxp")])
    return Planner.rollback(of: removal, on: used, isFinal: isFinal)
  }

  @Test("is refused for an apply that finished")
  func final() {
    #expect(back(HostUse(.address, "192.0.2.1/24"), isFinal: true).codes == [.hostNetwork])
  }

  @Test("is reported and goes on for an apply that did not, unless an SSH session uses the NIC")
  func unfinished() throws {
    let undo = back(HostUse(.address, "192.0.2.1/24"), isFinal: false)
    #expect(undo.codes == [] && !undo.isEmpty)
    let report = try #require(undo.guards.first { $0.which == .hostNetwork })
    #expect(report.verdict == .passed && report.found.joined().contains("192.0.2.1/24"))
    #expect(back(HostUse(.sshSession, "192.0.2.9 port 51000"), isFinal: false).codes == [.hostNetwork])
  }
}
