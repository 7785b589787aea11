import Execution
import HostModel
import Hosts
import Planning
import TestSupport
import Testing

/// A device that stays in a definition is edited in place: import and apply mark it, and a rollback
/// restores the definition completely.
@Suite("An edited definition")
struct EditedDefinitionTests {
  private static let both = host(
    "name: lan, select: {address: '0000:03:00.0'}, reserve: true\n"
      + "name: dmz, select: {address: '0000:04:00.0'}, reserve: true")
  private static let functions = ["03:00.0", "04:00.0"].map {
    nic($0, driver: "vfio-pci", override: "vfio-pci")
  }

  private func device(_ short: String, _ inside: String = "") -> Hostdev {
    var device = foreign(short)
    device.alias = nil
    device.element =
      inside.isEmpty
      ? nil
      : "<hostdev mode='subsystem' type='pci' managed='yes'>\n  <source>\n    <address domain='0x0000' "
        + "bus='0x\(short.prefix(2))' slot='0x00' function='0x0'/>\n  </source>\n  \(inside)\n</hostdev>"
    return device
  }

  private func run(_ plan: Plan, on host: SimulatedHost) {
    #expect(plan.codes == [])
    let outcome = Executor(host: host, journal: { _ in }).run(plan.steps)
    #expect(outcome.end == .success, "\(outcome.failures.map(\.failure.message))")
  }

  /// Applies the claims and rolls back; returns the plan and the guest after the apply.
  private func thereAndBack(_ claims: String, _ devices: [Hostdev], references: [AliasReference] = []) -> (
    plan: Plan, there: GuestState?
  ) {
    var winxp = off("winxp", devices)
    winxp.references = references
    let start = state(Self.functions, libvirt: [winxp])
    let host = SimulatedHost(start)
    let plan = plan(Self.both, guest("winxp", claims), on: start)
    run(plan, on: host)
    let there = host.state
    #expect(TestSupport.plan(Self.both, guest("winxp", claims), on: there).ids == [])
    let back = Planner.rollback(of: plan, on: there)
    #expect(back.notices.filter { $0.code == .references }.count == references.count)
    run(back, on: host)
    #expect(host.state.libvirt == start.libvirt)
    return (plan, there.libvirt.value?.first)
  }

  @Test("keeps the boot order of a device that is marked")
  func bootOrder() {
    let (plan, there) = thereAndBack("name: lan, from: lan", [device("03:00.0", "<boot order='1'/>")])
    #expect(plan.ids == ["edit/winxp/lan/persistent"])
    #expect(there?.persistent?.first?.element?.contains("<boot order='1'/>") == true)
    #expect(there?.persistent?.first?.alias == "ua-pcipass-lan")
  }

  @Test("keeps a device of address type 'unassigned' hidden from the guest")
  func unassigned() {
    var hidden = device("03:00.0", "<address type='unassigned'/>")
    hidden.isUnassigned = true
    let (_, there) = thereAndBack("name: lan, from: lan", [hidden])
    #expect(there?.persistent?.first?.isUnassigned == true && there?.persistent?.first?.guestAddress == nil)
    #expect(there?.persistent?.first?.element?.contains("<address type='unassigned'/>") == true)
  }

  @Test("keeps the order of its devices, and references to a generated alias")
  func references() {
    var devices = [device("04:00.0"), device("03:00.0")]
    (devices[0].startAlias, devices[1].startAlias) = ("hostdev0", "hostdev1")
    let reference = AliasReference(usage: .override, alias: "hostdev1")
    // The first device gets an alias, so libvirt names the second hostdev0.
    let first = thereAndBack("name: dmz, from: dmz", devices, references: [reference])
    #expect(first.there?.persistent?.map(\.address) == [pci("04:00.0"), pci("03:00.0")])
    #expect(first.there?.references == [AliasReference(usage: .override, alias: "hostdev0")])
    let second = thereAndBack("name: lan, from: lan", devices, references: [reference])
    #expect(second.there?.references == [AliasReference(usage: .override, alias: "ua-pcipass-lan")])
  }

  @Test("has each alias only once at any time, also where two devices exchange theirs")
  func exchanged() {
    let (plan, there) = thereAndBack(
      "name: two, from: lan\nname: one, from: dmz", [marked("03:00.0", "one"), marked("04:00.0", "two")])
    #expect(plan.ids.count == 3)
    #expect(there?.persistent?.map(\.alias) == ["ua-pcipass-two", "ua-pcipass-one"])
  }

  @Test("keeps place and boot order of a VF that changes from hostdev to interface and back")
  func kind() throws {
    var port = nic("06:00.0") {
      $0.sriov = SRIOV(
        total: 7, count: 1, autoprobe: false, offset: 128, stride: 2, deviceID: PCIIDHalf(0x10ca))
    }
    port.interfaces[0].isUp = true
    var part = port.virtualFunctions(1)[0]
    part.iommuGroup = 500
    part.virtualFunction?.settings = .known(
      VFSettings(
        mac: mac("02:00:00:00:01:00"), vlan: VLAN.none, trust: false, spoofCheck: true, linkState: .auto,
        rate: VFSettings.Rate(min: 0, max: 0)))
    var vf = Hostdev(
      address: part.address, alias: "ua-pcipass-net0", isManaged: true, guestAddress: pci("05:00.0"))
    vf.element =
      "<hostdev mode='subsystem' type='pci' managed='yes'>\n  <source>\n    <address domain='0x0000' bus='0x06' "
      + "slot='0x10' function='0x0'/>\n  </source>\n  <boot order='1'/>\n  <alias name='ua-pcipass-net0'/>\n"
      + "  <address type='pci' domain='0x0000' bus='0x05' slot='0x00' function='0x0'/>\n</hostdev>"
    let start = state([port, part], libvirt: [off("winxp", [marked("03:00.0", "x"), vf])])
    let host = SimulatedHost(start)
    let plan = plan(
      TestSupport.host("name: pool, select: {address: '0000:06:00.0'}, virtualFunctions: {count: 1}"),
      guest("winxp", "name: net0, from: pool/0, as: interface, mac: '02:00:00:00:01:00'"), on: start,
      targets: [.nic("pool")])
    run(plan, on: host)
    let there = try #require(host.state.libvirt.value?.first?.persistent?.last)
    #expect(there.device == .interface && there.guestAddress == vf.guestAddress)
    #expect(there.element?.contains("<boot order='1'/>") == true)
    run(Planner.rollback(of: plan, on: host.state), on: host)
    #expect(host.state.libvirt == start.libvirt)
  }

  @Test("leaves nothing to roll back where its guest or device has been removed")
  func gone() {
    let start = state(Self.functions, libvirt: [off("winxp", [device("03:00.0")])])
    let host = SimulatedHost(start)
    let plan = plan(Self.both, guest("winxp", "name: lan, from: lan"), on: start)
    run(plan, on: host)
    var now = host.state
    now.libvirt = .known([])
    let back = Planner.rollback(of: plan, on: now)
    #expect(back.codes == [] && back.ids == [])
    now.libvirt = .known([off("winxp")])
    let other = Planner.rollback(of: plan, on: now)
    #expect(other.codes == [] && other.ids == [])
  }

  @Test("has the boot order of a detached device again after the rollback")
  func bootOrderOfWhatLeft() {
    var booting = device("03:00.0", "<boot order='1'/>")
    (booting.alias, booting.guestAddress) = ("ua-pcipass-lan", pci("05:00.0"))
    let start = state(Self.functions, libvirt: [off("winxp", [booting])])
    let host = SimulatedHost(start)
    let plan = plan(Self.both, guest("winxp", ""), on: start)
    run(plan, on: host)
    #expect(host.state.simulation?.bootDevices == ["winxp"])
    run(Planner.rollback(of: plan, on: host.state), on: host)
    #expect(host.state.libvirt == start.libvirt && host.state.simulation?.bootDevices == [])
  }
}
