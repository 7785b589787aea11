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

/// The behaviour was measured with igb; see docs/host-behaviour.md.
@Suite("The simulated VFs")
struct SimulatedVFTests {
  @Test("have addresses of offset and stride, separate IOMMU groups and the initial settings")
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

  @Test("are in the slots of their PF")
  func slots() throws {
    var functions = pool()
    functions[0].slots = ["7", "riser"]
    let host = SimulatedHost(state(functions))
    try host.resize(1)
    #expect(host.state[place.address]?.slots == ["7", "riser"])
  }

  @Test("have no IOMMU groups on a host without an IOMMU")
  func groupless() throws {
    var functions = pool()
    functions[0].iommuGroup = nil
    let host = SimulatedHost(state(functions))
    try host.resize(1)
    #expect(host.state[place.address]?.iommuGroup == nil)
  }

  @Test("lose drivers and settings when their number changes")
  func replaced() throws {
    let host = SimulatedHost(state(pool(count: 2, autoprobe: false, eachVF: onVFIO)))
    try host.configure(VFSettings(vlan: VLAN(id: 7)))
    try host.resize(3)
    #expect(host.state[place.address]?.driver == nil && host.settings == .initial)
    try host.resize(0, autoprobe: true)
    #expect(host.state.functions.count == 1 && host.state[pci("03:00.0")]?.sriov?.autoprobe == true)
  }

  @Test("bind to the native driver unless autoprobe is off", arguments: [true, false, nil])
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

  @Test("are refused beyond the card's maximum, in the kernel's words")
  func range() {
    let host = SimulatedHost(state(pool()))
    #expect(
      failure { () throws(HostFailure) in try host.resize(8) }?.message.names(
        "8", "/sys/bus/pci/devices/0000:03:00.0/sriov_numvfs") == true)
  }

  @Test("cannot be created on a PF without its native driver", arguments: ["vfio-pci", nil])
  func noFile(driver: String?) {
    let host = SimulatedHost(state(pool(driver: driver)))
    #expect(
      failure { () throws(HostFailure) in try host.resize(1) }?.message.names(
        "1", "/sys/bus/pci/devices/0000:03:00.0/sriov_numvfs") == true)
  }

  @Test("cannot be deleted while a process has one open, and stay unchanged")
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

  @Test("have the settings that were set, and keep the others")
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
    "refuse the settings that igb refuses, with igb's error and name",
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

  @Test("refuse a rate on igb while its link is down; another driver accepts it")
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

  @Test("cannot be configured through a PF without an interface")
  func noInterface() {
    var functions = pool(count: 1)
    functions[0].interfaces = []
    let host = SimulatedHost(state(functions))
    #expect(
      failure { () throws(HostFailure) in try host.configure(VFSettings(trust: true)) }?.message.names(
        "0000:03:00.0") == true)
  }
}

@Suite("VFs on a simulated host, from plan to rollback")
struct SimulatedVFPlanTests {
  private let manifests =
    host("name: pool, select: {address: '0000:03:00.0'}, virtualFunctions: {count: 2}")
    + guest("a", "name: net0, from: pool/0, vlan: 7, trust: true")
    + guest("b", "name: lan, from: pool/1, as: interface, mac: '52:54:00:00:00:02', vlan: 130")

  private func run(_ plan: Plan, on host: SimulatedHost) -> Outcome {
    Executor(host: host, journal: { _ in }).run(plan.steps)
  }

  @Test("An apply succeeds, a second plan is empty, and the rollback restores the host")
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

  @Test("libvirt sets MAC and VLAN of an attached interface, and restores them at the detach")
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

  @Test("libvirt clears the VLAN of an interface that has none")
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

  @Test("A setting that igb refuses fails its step, names igb and undoes the earlier steps")
  func refusedSetting() throws {
    let start = state(pool(), libvirt: [off("a"), off("b")])
    var there = plan(manifests, on: start)
    // The planner refuses this setting for igb, so the test edits the plan.
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

  @Test("A configure step that fails after some settings restores those settings")
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
    "A failure of any step restores the host",
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

  @Test("Replaced VFs have their driver and settings again where a later step fails")
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
