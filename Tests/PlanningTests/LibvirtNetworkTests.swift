import Documents
import HostModel
import Hosts
import Manifests
import Planning
import TestSupport
import Testing

@Suite("VFs that a libvirt network assigns")
struct LibvirtNetworkTests {
  private static let sriov = HostdevNetwork(
    name: "sriov", isActive: true, interfaces: ["eth30"],
    addresses: ["03:10.0", "03:10.2", "03:10.4"].map(pci))
  private static let fromNetwork = Hostdev(
    address: pci("03:10.0"), alias: "hostdev0", isManaged: true, device: .interface,
    mac: mac("52:54:00:6d:90:02"), network: "sriov")

  private static func guestOnNetwork(_ live: [Hostdev]? = [fromNetwork]) -> GuestState {
    GuestState(
      name: "netpool", run: live == nil ? .shutoff : .running, persistent: [], live: live,
      networks: ["sriov"])
  }

  /// Three VFs of 03:00.0 in the network; by default a guest runs with the first.
  private func on(
    _ network: HostdevNetwork = sriov, _ guests: [GuestState] = [guestOnNetwork()],
    change: (inout HostState) -> Void = { _ in }
  ) -> HostState {
    state(pool(count: 3), libvirt: guests + [off("vm")]) {
      $0.networks = .known([network])
      if guests.contains(where: { $0.live?.isEmpty == false }) {
        $0 = $0.changing("03:10.0") {
          ($0.driver, $0.driverOverride, $0.holders) = ("vfio-pci", "vfio-pci", .known([qemu]))
          $0.virtualFunction?.settings = .known(VFSettings(mac: mac("52:54:00:6d:90:02")))
        }
      }
      change(&$0)
    }
  }

  private let allowing = poolHost(3, ", allow: [ownership], because: 'the network goes'")
  private let vm = guest("vm", "name: net0, from: pool/1")
  private let first = guest("vm", "name: net0, from: pool/0")

  // MARK: Plans

  @Test("unclaimed members are left alone, and the network is named once")
  func leftAlone() {
    // The guest's member is set up and bound, and an available one is bound for the next guest.
    let state = on { $0 = $0.changing("03:10.4", onVFIO) }
    let plan = plan(poolHost(3), on: state)
    #expect(plan.steps == [] && plan.refusals == [])
    #expect(plan.notices.filter { $0.code == .libvirtNetwork }.map(\.nic) == ["pool"])
    #expect(plan.notices.filter { $0.code == .foreign }.map(\.guest) == ["netpool"])
    #expect(HostStatus(plan, on: state).state == .inSync)
  }

  @Test("a claim on an available member is refused, unless the manifest allows ownership")
  func free() throws {
    let refused = plan(poolHost(3), vm, on: on())
    #expect(refused.codes == [.ownership])
    #expect(try #require(refused.refusals.first).message.contains("sriov"))
    let allowed = plan(allowing, vm, on: on())
    #expect(allowed.codes == [])
    #expect(allowed.step("attach/vm/net0/persistent") != nil)
  }

  @Test("a member that a guest has is refused for every guest, allowed or not")
  func had() {
    #expect(plan(poolHost(3), first, on: on()).codes == [.ownership])
    #expect(plan(allowing, first, on: on()).codes == [.inUse])
    let own = guest("netpool", "name: net0, from: pool/0")
    #expect(plan(poolHost(3), own, on: on()).codes == [.ownership])
    let second = plan(allowing, own, on: on())
    #expect(second.codes == [.inUse] && second.steps == [])
  }

  @Test("a member in a guest with a manifest is not drift")
  func described() {
    let state = on()
    let plan = plan(poolHost(3), guest("netpool"), on: state)
    #expect(plan.steps == [] && plan.codes == [])
    #expect(HostStatus(plan, on: state).state == .inSync)
  }

  @Test("a member that is selected by itself is left alone, and refused if it is reserved")
  func reserved() {
    let member = "name: vf, select: {address: '0000:03:10.2'}"
    let left = plan(host(member), on: on { $0 = $0.changing("03:10.2", onVFIO) })
    #expect(left.codes == [] && left.steps == [] && left.notices.map(\.code) == [.libvirtNetwork])
    let reserved = plan(host(member + ", reserve: true"), on: on())
    #expect(reserved.codes == [.ownership] && reserved.steps == [])
  }

  @Test("an inactive network is a notice, and one with autostart counts as active")
  func inactive() {
    var network = HostdevNetwork(name: "sriov", isActive: false, interfaces: ["eth30"])
    let noticed = plan(poolHost(3), vm, on: on(network, []))
    #expect(noticed.codes == [])
    #expect(noticed.notices.contains { $0.code == .libvirtNetwork && $0.nic == "pool/1" })
    network.isAutostarted = true
    #expect(plan(poolHost(3), vm, on: on(network, [])).codes == [.ownership])
  }

  @Test("a VF that the plan creates is a member, too")
  func coming() {
    let state = state(pool(count: 0), libvirt: [off("vm")]) {
      $0.networks = .known([HostdevNetwork(name: "sriov", isActive: true, interfaces: ["eth30"])])
    }
    let refused = plan(poolHost(3), vm, on: state)
    #expect(refused.codes == [.ownership])
    let created = plan(poolHost(3), on: state)
    #expect(created.codes == [] && created.resize()?.to.count == 3)
    #expect(created.notices.contains { $0.code == .libvirtNetwork && $0.message.contains("net-start") })
  }

  @Test("a network that lists single VFs has no other members")
  func single() {
    let network = HostdevNetwork(name: "sriov", isActive: true, addresses: [pci("03:10.2")])
    #expect(plan(poolHost(3), vm, on: on(network, [])).codes == [.ownership])
    #expect(plan(poolHost(3), first, on: on(network, [])).codes == [])
  }

  @Test("the VFs are not replaced while a running guest has one")
  func replaced() {
    #expect(plan(poolHost(4), on: on()).codes == [.inUse])
    let off = plan(poolHost(4), on: on(Self.sriov, [Self.guestOnNetwork(nil)]))
    #expect(off.codes == [] && off.resize()?.to.count == 4)
  }

  @Test("a device that is only in the running guest counts as the network's")
  func unnamed() {
    var device = Self.fromNetwork
    device.network = nil
    let transient = GuestState(name: "netpool", run: .running, persistent: nil, live: [device])
    #expect(plan(allowing, first, on: on(Self.sriov, [transient])).codes == [.inUse])
    // A device in the guest's definition is not the network's.
    let own = running("netpool", [device])
    #expect(plan(allowing, first, on: on(Self.sriov, [own])).codes != [.inUse])
  }

  @Test("unrecorded networks are ignored, and unreadable networks are a notice")
  func unknown() {
    let old = plan(poolHost(3), vm, on: on(Self.sriov, []) { $0.networks = nil })
    #expect(old.codes == [] && !old.notices.contains { $0.code == .unknown })
    let unread = plan(poolHost(3), vm, on: on(Self.sriov, []) { $0.networks = .unavailable("no answer") })
    #expect(unread.codes == [] && unread.notices.contains { $0.code == .unknown })
  }

  // MARK: Steps and rollback

  @Test("each step is checked against a network and an assignment that are new since the plan")
  func steps() throws {
    let before = on(Self.sriov, []) { $0.networks = .known([]) }
    let plan = plan(poolHost(3), first, on: before)
    let judge = StepJudge(plan, .forward, since: before)
    for step in plan.steps {
      #expect(judge.refusal(of: step, on: before) == nil)
      let started = judge.refusal(of: step, on: on(Self.sriov, []))
      #expect(started?.code == .ownership, "\(step.id)")
    }
    let allowed = TestSupport.plan(allowing, first, on: before)
    let allowedJudge = StepJudge(allowed, .forward, since: before)
    for step in allowed.steps {
      #expect(allowedJudge.refusal(of: step, on: on(Self.sriov, [])) == nil, "\(step.id)")
      #expect(allowedJudge.refusal(of: step, on: on())?.code == .inUse, "\(step.id)")
    }
  }

  @Test("after the network starts, an assignment can be undone, and a removal cannot")
  func wayBack() throws {
    let before = on(Self.sriov, []) { $0.networks = .known([]) }
    let there = plan(poolHost(3), first, on: before)
    let host = SimulatedHost(before)
    for step in there.steps { try host.perform(step.action, step: step.id) }
    var now = host.state
    now.networks = .known([Self.sriov])
    #expect(Planner.rollback(of: there, on: now).codes == [])
    // The plan that removes the VF from the guest.
    let away = plan(poolHost(3), guest("vm"), on: host.state)
    for step in away.steps { try host.perform(step.action, step: step.id) }
    now = host.state
    now.networks = .known([Self.sriov])
    #expect(Planner.rollback(of: away, on: now).codes.contains(.ownership))
    #expect(Planner.rollback(of: away, on: host.state).codes == [])
  }

  // MARK: What is shown

  @Test("members are not available, and the guest of a member is listed")
  func availability() {
    let devices = Inventory(on(), request: nil).devices
    let parts = devices.filter { $0.function.virtualFunction != nil }
    #expect(parts.map { $0.network?.name } == ["sriov", "sriov", "sriov"])
    #expect(parts.first?.availability == .inUse(guests: [.libvirt(domain: "netpool")], processes: []))
    #expect(parts.first?.guests.map(\.network) == ["sriov"])
    for part in parts.dropFirst() {
      guard case .reserved(let refusals)? = part.availability else {
        Issue.record("\(part.function.address) is available")
        continue
      }
      #expect(refusals.map(\.code) == [.ownership])
    }
    let shown = Topology(on()).holdings
    #expect(shown.map(\.network) == ["sriov"])
  }

  @Test("import leaves the members out, with a remark")
  func imported() throws {
    let result = Import(on(), Import.Options(host: "hv01"))
    #expect(result.host.spec.nics == [] && result.guests == [] && result.plan.isEmpty)
    let remark = try #require(result.remarks.first { $0.subject == "0000:03:00.0" })
    #expect(remark.text.contains("sriov") && remark.text.names("0000:03:10.0"))
  }

  @Test("import includes other VFs of the same PF")
  func importedBeside() {
    let network = HostdevNetwork(name: "sriov", isActive: true, addresses: [pci("03:10.0")])
    let state = on(network, [Self.guestOnNetwork(), off("other", [foreign("03:10.4"), foreign("03:10.0")])])
    let result = Import(state, Import.Options(host: "hv01"))
    #expect(result.host.spec.nics.map { $0.virtualFunctions?.value.count } == [3])
    #expect(result.guests.flatMap(\.spec.nics).map(\.from.value.virtualFunction) == [2])
    #expect(result.plan.codes == [])
    #expect(result.remarks.contains { $0.subject == "0000:03:10.0" })
  }

  @Test("doctor names a network with PF, members and guests, or reports none or unknown")
  func doctor() throws {
    func check(_ change: (inout HostState) -> Void) -> Check? {
      Doctor.examine(on(change: change), fitSurvey()).checks.first { $0.code == .libvirtNetwork }
    }
    let found = try #require(check { _ in })
    #expect(found.severity == .note && found.message.contains("sriov"))
    #expect(found.message.contains("0000:03:00.0 (eth30)"))
    #expect(found.details.joined().contains("0000:03:10.0 in netpool, 0000:03:10.2"))
    #expect(check { $0.networks = .known([]) }?.severity == .ok)
    #expect(check { $0.networks = .unavailable("no answer") }?.severity == .unknown)
    #expect(check { $0.networks = nil } == nil)
  }
}
