import Execution
import HostModel
import Hosts
import Manifests
import Planning
import TestSupport
import Testing

private let place = VFLocation(address: pci("03:10.0"), physicalFunction: pci("03:00.0"), index: 0)

extension SimulatedHost {
  fileprivate func resize(_ count: Int, autoprobe: Bool? = false) throws(HostFailure) {
    let goal = VFSet(count: count, autoprobe: autoprobe)
    try perform(
      try refreshed(.resize(pci("03:00.0"), from: VFSet(count: 0, autoprobe: true), to: goal)), step: "test")
  }

  fileprivate func configure(_ settings: VFSettings) throws(HostFailure) {
    try perform(.configure(place, from: VFSettings(), to: settings), step: "test")
  }

  fileprivate var settings: VFSettings? { state[place.address]?.virtualFunction?.settings.value }
}

/// As measured with igb; see docs/host-behaviour.md.
@Suite("The simulated VFs")
struct SimulatedVFTests {
  @Test("they come where offset and stride say, each in a group of its own, as the driver begins with them")
  func come() throws {
    let host = SimulatedHost(state(pool()))
    try host.resize(3)
    let members = host.state.functions.filter { $0.virtualFunction != nil }
    #expect(members.map(\.address) == [pci("03:10.0"), pci("03:10.2"), pci("03:10.4")])
    #expect(members.map { $0.virtualFunction?.index } == [0, 1, 2])
    #expect(Set(members.compactMap(\.iommuGroup)).count == 3)
    #expect(!members.contains { $0.iommuGroup == host.state[pci("03:00.0")]?.iommuGroup })
    #expect(members.allSatisfy { $0.driver == nil && $0.id == PCIID(vendor: 0x8086, device: 0x10ca) })
    #expect(host.settings == .initial)
    let sriov = host.state[pci("03:00.0")]?.sriov
    #expect(sriov?.count == 3 && sriov?.autoprobe == false)
  }

  @Test("without an IOMMU they have no groups")
  func groupless() throws {
    var functions = pool()
    functions[0].iommuGroup = nil
    let host = SimulatedHost(state(functions))
    try host.resize(1)
    #expect(host.state[place.address]?.iommuGroup == nil)
  }

  @Test("another number is another set: what was done with the old ones is gone")
  func replaced() throws {
    let host = SimulatedHost(state(pool(count: 2, autoprobe: false, eachVF: onVFIO)))
    try host.configure(VFSettings(vlan: VLAN(id: 7)))
    try host.resize(3)
    #expect(host.state[place.address]?.driver == nil && host.settings == .initial)
    try host.resize(0, autoprobe: true)
    #expect(host.state.functions.count == 1 && host.state[pci("03:00.0")]?.sriov?.autoprobe == true)
  }

  @Test("the host's driver takes them where autoprobe is on and it is there", arguments: [true, false, nil])
  func virtualDriver(autoprobe: Bool?) throws {
    let start = state(pool(autoprobe: autoprobe), drivers: .known(["igb", "igbvf"])) {
      $0.simulation = Simulation(virtualDriver: "igbvf")
    }
    let host = SimulatedHost(start)
    try host.resize(1, autoprobe: autoprobe)
    #expect(host.state[place.address]?.driver == (autoprobe == false ? nil : "igbvf"))
    #expect(host.state[place.address]?.nativeDriver == "igbvf")
    var without = start
    without.kernel.drivers = .known(["igb"])
    let other = SimulatedHost(without)
    try other.resize(1, autoprobe: autoprobe)
    #expect(other.state[place.address]?.driver == nil)
  }

  @Test("more than the card can have are out of range, in the kernel's words")
  func range() {
    let host = SimulatedHost(state(pool()))
    #expect(
      failure { () throws(HostFailure) in try host.resize(8) }?.message.names(
        "8", "/sys/bus/pci/devices/0000:03:00.0/sriov_numvfs") == true)
  }

  @Test("a PF that is not on its driver has no such file", arguments: ["vfio-pci", nil])
  func noFile(driver: String?) {
    let host = SimulatedHost(state(pool(driver: driver)))
    #expect(
      failure { () throws(HostFailure) in try host.resize(1) }?.message.names(
        "1", "/sys/bus/pci/devices/0000:03:00.0/sriov_numvfs") == true)
  }

  @Test("a VF that a process has open stops it, and nothing has changed")
  func held() {
    var functions = pool(count: 2, eachVF: onVFIO)
    functions[2].holders = .known([qemu])
    let start = state(functions)
    let host = SimulatedHost(start)
    let failure = failure { () throws(HostFailure) in try host.resize(0, autoprobe: true) }
    #expect(failure?.kind == .inUse)
    #expect(failure?.message.names("4711", "qemu-system-x86", "0000:03:10.2") == true)
    #expect(host.state == start)
  }

  @Test("settings are there when they were set, and others stay")
  func settings() throws {
    let host = SimulatedHost(state(pool(count: 1)))
    try host.configure(VFSettings(vlan: VLAN(id: 120, qos: 3), trust: true))
    var expected = VFSettings.initial
    (expected.vlan, expected.trust) = (VLAN(id: 120, qos: 3), true)
    #expect(host.settings == expected)
    #expect(
      try host.state(of: .configure(place, from: VFSettings(trust: false), to: VFSettings(trust: true)))
        == .done)
  }

  @Test(
    "what igb refuses is refused in its words, and names it",
    arguments: [
      (VFSettings(linkState: .enable), "state enable: Operation not supported"),
      (
        VFSettings(vlan: VLAN(id: 7, proto: .ad)),
        "vlan 7 qos 0 proto 802.1ad: Protocol not supported"
      ),
      (
        VFSettings(rate: VFSettings.Rate(min: 5, max: 10)),
        "max_tx_rate 10 min_tx_rate 5: Invalid argument"
      ),
    ])
  func igb(settings: VFSettings, words: String) {
    let start = state(pool(count: 1))
    let host = SimulatedHost(start)
    let failure = failure { () throws(HostFailure) in try host.configure(settings) }
    #expect(failure?.kind == .refused && failure?.message == "link set dev eth30 vf 0 " + words)
    #expect(failure?.help.names("igb") == true)
    #expect(host.state == start)
  }

  @Test("igb sets no rate while its link is down; another driver takes what igb does not")
  func drivers() throws {
    let rate = VFSettings(linkState: .enable, rate: VFSettings.Rate(min: 5, max: 10))
    let down = SimulatedHost(state(pool(count: 1, isUp: false)))
    #expect(
      failure { () throws(HostFailure) in
        try down.configure(VFSettings(rate: VFSettings.Rate(min: 0, max: 10)))
      }?.message.names("Invalid argument") == true)
    var functions = pool(count: 1, isUp: false)
    functions[0].driver = "mlx5_core"
    let other = SimulatedHost(state(functions))
    try other.configure(rate)
    #expect(other.settings?.linkState == .enable)
  }

  @Test("a PF without an interface can be asked nothing")
  func noInterface() {
    var functions = pool(count: 1)
    functions[0].interfaces = []
    let host = SimulatedHost(state(functions))
    #expect(
      failure { () throws(HostFailure) in try host.configure(VFSettings(trust: true)) }?.message.names(
        "0000:03:00.0") == true)
  }
}

@Suite("VFs on a simulated host, from plan to undo")
struct SimulatedVFPlanTests {
  private let manifests =
    host("name: pool, select: {address: '0000:03:00.0'}, virtualFunctions: {count: 2}")
    + guest("a", "name: net0, from: pool/0, vlan: 7, trust: true")
    + guest("b", "name: lan, from: pool/1, as: interface, mac: '52:54:00:00:00:02', vlan: 130")

  private func run(_ plan: Plan, on host: SimulatedHost) -> Outcome {
    Executor(host: host, journal: { _ in }).run(plan.steps)
  }

  @Test("it is done, a second plan is empty, and the rollback leaves nothing")
  func thereAndBack() {
    let start = state(pool(), libvirt: [running("a"), running("b")])
    let there = plan(manifests, on: start)
    #expect(there.codes == [])
    let host = SimulatedHost(start)
    #expect(run(there, on: host).end == .success)
    let second = plan(manifests, on: host.state)
    #expect(second.isEmpty && second.codes == [])
    let back = Planner.rollback(of: there, on: host.state)
    #expect(back.codes == [] && run(back, on: host).end == .success)
    #expect(
      Standing(host.state) == Standing(start), "\(Standing(host.state).difference(from: Standing(start)))")
  }

  @Test("libvirt sets MAC and VLAN of an interface when it is attached, and puts back what it found")
  func interface() throws {
    let start = state(pool(count: 1, autoprobe: false, eachVF: onVFIO), libvirt: [running("a")])
    let host = SimulatedHost(start)
    try host.configure(VFSettings(mac: mac("02:00:00:00:00:01"), vlan: VLAN(id: 7), trust: true))
    let found = host.settings
    let device = Hostdev(
      address: place.address, alias: "ua-pcipass-net0", isManaged: true, device: .interface,
      mac: mac("52:54:00:00:00:02"), vlan: 130)
    let live = Placement(guest: .libvirt(domain: "a"), part: .live)
    try host.perform(.attach(device, live), step: "test")
    #expect(host.settings?.mac == mac("52:54:00:00:00:02") && host.settings?.vlan == VLAN(id: 130))
    #expect(host.settings?.trust == true)
    try host.perform(.detach(device, live), step: "test")
    #expect(host.settings == found)
  }

  @Test("an interface without a VLAN is put into none")
  func interfaceWithoutVLAN() throws {
    let host = SimulatedHost(
      state(pool(count: 1, autoprobe: false, eachVF: onVFIO), libvirt: [running("a")]))
    try host.configure(VFSettings(vlan: VLAN(id: 7)))
    let device = Hostdev(
      address: place.address, alias: "ua-pcipass-net0", isManaged: true, device: .interface,
      mac: mac("52:54:00:00:00:02"))
    try host.perform(.attach(device, Placement(guest: .libvirt(domain: "a"), part: .live)), step: "test")
    #expect(host.settings?.vlan == VLAN.none)
  }

  @Test("a setting that igb refuses is a failed step that names it, and all before it is undone")
  func refusedSetting() throws {
    let start = state(pool(), libvirt: [off("a"), off("b")])
    var there = plan(manifests, on: start)
    // As if nothing were known of igb beforehand.
    let index = try #require(there.steps.firstIndex { $0.id == "configure/0000:03:10.0" })
    guard case .configure(let step) = there.steps[index].action else { return }
    var (from, to) = (step.from, step.to)
    (from.linkState, to.linkState) = (.auto, .enable)
    there.steps[index].action = .configure(step.place, from: from, to: to)
    let host = SimulatedHost(start)
    let outcome = run(there, on: host)
    #expect(outcome.end == .undone && outcome.undoFailures == [])
    #expect(outcome.failure?.step.id == "configure/0000:03:10.0")
    #expect(outcome.failure?.failure.help.names("igb") == true)
    #expect(Standing(host.state) == Standing(start))
  }

  @Test("a setting that is refused half way on a VF that stays is taken back from there")
  func halfWay() {
    let start = state(pool(count: 1, autoprobe: false))
    let to = VFSettings(mac: mac("02:00:00:00:00:01"), vlan: VLAN(id: 7), linkState: .enable)
    let step = Step(
      id: "configure", action: .configure(place, from: to.counterpart(in: .initial), to: to), nic: nil,
      guest: nil, reason: .claimed, because: "", disturbs: .nothing, after: [], origin: nil)
    let host = SimulatedHost(start)
    let outcome = Executor(host: host, journal: { _ in }).run([step])
    #expect(outcome.end == .undone && outcome.undone == [step])
    #expect(host.state == start)
  }

  @Test(
    "whichever step goes wrong, all is as it was before",
    arguments: [
      "resize/0000:03:00.0", "configure/0000:03:10.0", "bind/0000:03:10.2", "attach/b/lan/live",
    ], [Simulation.FaultEffect.refused, .ignored])
  func fault(step: String, effect: Simulation.FaultEffect) {
    let start = state(pool(), libvirt: [running("a"), running("b")]) {
      $0.simulation = Simulation(faults: [Simulation.Fault(step: step, effect: effect)])
    }
    let host = SimulatedHost(start)
    let outcome = run(plan(manifests, on: start), on: host)
    #expect(outcome.failure?.step.id == step && outcome.end == .undone)
    #expect(
      Standing(host.state) == Standing(start), "\(Standing(host.state).difference(from: Standing(start)))")
  }

  @Test("replaced VFs come back with driver and settings where a later step goes wrong")
  func replacedAndUndone() throws {
    let start = state(
      pool(count: 1, autoprobe: false, eachVF: onVFIO), libvirt: [running("a"), running("b")]
    ) {
      $0.simulation = Simulation(faults: [Simulation.Fault(step: "attach/a/net0/live", effect: .refused)])
    }
    let host = SimulatedHost(start)
    try host.configure(VFSettings(mac: mac("02:00:00:00:00:01"), vlan: VLAN(id: 9), trust: true))
    let before = host.state
    let outcome = run(plan(manifests, on: before), on: host)
    #expect(outcome.end == .undone)
    #expect(
      Standing(host.state) == Standing(before), "\(Standing(host.state).difference(from: Standing(before)))")
  }
}
