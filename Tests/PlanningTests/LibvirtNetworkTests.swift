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

  @Test("what no guest claims of them is left alone, and the network is named once")
  func leftAlone() {
    // The VF is set up and bound for the guest that has it, and a free one for whoever is next.
    let state = on { $0 = $0.changing("03:10.4", onVFIO) }
    let plan = plan(poolHost(3), on: state)
    #expect(plan.steps == [] && plan.refusals == [])
    #expect(plan.notices.filter { $0.code == .libvirtNetwork }.map(\.nic) == ["pool"])
    #expect(plan.notices.filter { $0.code == .foreign }.map(\.guest) == ["netpool"])
    #expect(HostStatus(plan, on: state).state == .inSync)
  }

  @Test("a claim on a free member is refused, and allowed where the manifest says so")
  func free() throws {
    let refused = plan(poolHost(3), vm, on: on())
    #expect(refused.codes == [.ownership])
    #expect(try #require(refused.refusals.first).message.contains("sriov"))
    let allowed = plan(allowing, vm, on: on())
    #expect(allowed.codes == [])
    #expect(allowed.step("attach/vm/net0/persistent") != nil)
  }

  @Test("one that a guest has is refused, allowed or not, for that guest and for others")
  func had() {
    #expect(plan(poolHost(3), first, on: on()).codes == [.ownership])
    #expect(plan(allowing, first, on: on()).codes == [.inUse])
    let own = guest("netpool", "name: net0, from: pool/0")
    #expect(plan(poolHost(3), own, on: on()).codes == [.ownership])
    let second = plan(allowing, own, on: on())
    #expect(second.codes == [.inUse] && second.steps == [])
  }

  @Test("a guest that is described, and has one, is not drift")
  func described() {
    let state = on()
    let plan = plan(poolHost(3), guest("netpool"), on: state)
    #expect(plan.steps == [] && plan.codes == [])
    #expect(HostStatus(plan, on: state).state == .inSync)
  }

  @Test("a member that is selected by itself is left alone, or refused where it is reserved")
  func reserved() {
    let member = "name: vf, select: {address: '0000:03:10.2'}"
    let left = plan(host(member), on: on { $0 = $0.changing("03:10.2", onVFIO) })
    #expect(left.codes == [] && left.steps == [] && left.notices.map(\.code) == [.libvirtNetwork])
    let reserved = plan(host(member + ", reserve: true"), on: on())
    #expect(reserved.codes == [.ownership] && reserved.steps == [])
  }

  @Test(
    "a network that is not active and will not be is a notice; one that libvirt starts is as good as active")
  func inactive() {
    var network = HostdevNetwork(name: "sriov", isActive: false, interfaces: ["eth30"])
    let noticed = plan(poolHost(3), vm, on: on(network, []))
    #expect(noticed.codes == [])
    #expect(noticed.notices.contains { $0.code == .libvirtNetwork && $0.nic == "pool/1" })
    network.isAutostarted = true
    #expect(plan(poolHost(3), vm, on: on(network, [])).codes == [.ownership])
  }

  @Test("a VF that is still to be created is a member, too")
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

  @Test("members that are given one by one are no others")
  func single() {
    let network = HostdevNetwork(name: "sriov", isActive: true, addresses: [pci("03:10.2")])
    #expect(plan(poolHost(3), vm, on: on(network, [])).codes == [.ownership])
    #expect(plan(poolHost(3), first, on: on(network, [])).codes == [])
  }

  @Test("the VFs are not replaced while a guest runs with one")
  func replaced() {
    #expect(plan(poolHost(4), on: on()).codes == [.inUse])
    let off = plan(poolHost(4), on: on(Self.sriov, [Self.guestOnNetwork(nil)]))
    #expect(off.codes == [] && off.resize()?.to.count == 4)
  }

  @Test(
    "a guest without a definition, or with an interface added while it runs, has it from the network, too")
  func unnamed() {
    var device = Self.fromNetwork
    device.network = nil
    let transient = GuestState(name: "netpool", run: .running, persistent: nil, live: [device])
    #expect(plan(allowing, first, on: on(Self.sriov, [transient])).codes == [.inUse])
    // One that its definition has is somebody's own.
    let own = running("netpool", [device])
    #expect(plan(allowing, first, on: on(Self.sriov, [own])).codes != [.inUse])
  }

  @Test("snapshots that do not record networks refuse nothing; networks that cannot be read are said")
  func unknown() {
    let old = plan(poolHost(3), vm, on: on(Self.sriov, []) { $0.networks = nil })
    #expect(old.codes == [] && !old.notices.contains { $0.code == .unknown })
    let unread = plan(poolHost(3), vm, on: on(Self.sriov, []) { $0.networks = .unavailable("no answer") })
    #expect(unread.codes == [] && unread.notices.contains { $0.code == .unknown })
  }

  // MARK: Steps and the way back

  @Test("each step asks: a network that was started since, and a guest that got the VF from it")
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

  @Test("what was assigned before the network was started can be given back, and not be taken again")
  func wayBack() throws {
    let before = on(Self.sriov, []) { $0.networks = .known([]) }
    let there = plan(poolHost(3), first, on: before)
    let host = SimulatedHost(before)
    for step in there.steps { try host.perform(step.action, step: step.id) }
    var now = host.state
    now.networks = .known([Self.sriov])
    #expect(Planner.rollback(of: there, on: now).codes == [])
    // And of a plan that took it from the guest.
    let away = plan(poolHost(3), guest("vm"), on: host.state)
    for step in away.steps { try host.perform(step.action, step: step.id) }
    now = host.state
    now.networks = .known([Self.sriov])
    #expect(Planner.rollback(of: away, on: now).codes.contains(.ownership))
    #expect(Planner.rollback(of: away, on: host.state).codes == [])
  }

  // MARK: What is shown

  @Test("members are not available, and the guest that has one is known")
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

  @Test("import leaves them out, and says so")
  func imported() throws {
    let result = Import(on(), Import.Options(host: "hv01"))
    #expect(result.host.spec.nics == [] && result.guests == [] && result.plan.isEmpty)
    let remark = try #require(result.remarks.first { $0.subject == "0000:03:00.0" })
    #expect(remark.text.contains("sriov") && remark.text.names("0000:03:10.0"))
  }

  @Test("import takes other VFs of the same PF")
  func importedBeside() {
    let network = HostdevNetwork(name: "sriov", isActive: true, addresses: [pci("03:10.0")])
    let state = on(network, [Self.guestOnNetwork(), off("other", [foreign("03:10.4"), foreign("03:10.0")])])
    let result = Import(state, Import.Options(host: "hv01"))
    #expect(result.host.spec.nics.map { $0.virtualFunctions?.value.count } == [3])
    #expect(result.guests.flatMap(\.spec.nics).map(\.from.value.virtualFunction) == [2])
    #expect(result.plan.codes == [])
    #expect(result.remarks.contains { $0.subject == "0000:03:10.0" })
  }

  @Test("doctor names the network with its PF, members and guests; without one, or unread, it says that")
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
