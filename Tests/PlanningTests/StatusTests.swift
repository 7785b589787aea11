import Documents
import HostModel
import Manifests
import Planning
import TestSupport
import Testing

@Suite("The status of NICs and guests")
struct StatusTests {
  private static let lan = host("name: lan, select: {address: '0000:03:00.0'}")
  private static let vm = guest("vm", "name: net0, from: lan")

  private func status(_ manifests: String..., on state: HostState) -> HostStatus {
    HostStatus(plan(manifests.joined(), on: state), on: state)
  }

  /// Returns `CATEGORY GUEST: OBSERVED → DESIRED` for each difference of a NIC.
  private func differences(_ status: HostStatus, _ nic: String = "lan") -> [String] {
    (status.nics.first { $0.name == nic }?.findings.differences ?? []).map {
      "\($0.category.rawValue)\($0.guest.map { " " + $0 } ?? ""): \($0.observed) → \($0.desired)"
    }
  }

  /// Returns a host whose NIC is assigned to the running guest, by default in sync.
  private func settled(
    driver: String? = "vfio-pci", override: String? = "vfio-pci",
    defined: [Hostdev] = [marked("03:00.0", "net0")],
    live: [Hostdev]? = [marked("03:00.0", "net0")]
  ) -> HostState {
    state(
      [nic("03:00.0", driver: driver, override: override)],
      libvirt: [live.map { running("vm", defined, live: $0) } ?? off("vm", defined)])
  }

  @Test("a NIC and a guest without a step are in sync")
  func declared() throws {
    let status = status(Self.lan, Self.vm, on: settled())
    #expect(status.state == .inSync)
    let nic = try #require(status.nics.first)
    #expect(nic.name == "lan" && nic.function == pci("03:00.0") && nic.subject == "nic/lan")
    #expect(nic.guest == "vm" && nic.guestNIC == "net0")
    #expect(nic.origin?.hasPrefix("t.yaml:") ?? false)
    #expect(status.guests.map(\.state) == [.inSync])
  }

  @Test("each category of difference is listed separately")
  func each() {
    let (lan, vm) = (Self.lan, Self.vm)
    #expect(
      differences(status(lan, vm, on: settled(driver: "igb", override: nil, live: nil)))
        == ["driver: igb → vfio-pci"])
    #expect(
      differences(status(lan, vm, on: settled(driver: nil, override: nil, live: nil)))
        == ["driver: none → vfio-pci"])
    #expect(
      differences(status(lan, vm, on: settled(override: "igb", live: nil))) == ["override: igb → vfio-pci"])
    #expect(differences(status(lan, vm, on: settled(defined: []))).names(["definition", "vm", "net0"]))
    #expect(differences(status(lan, vm, on: settled(live: []))).names(["live", "vm", "net0"]))
    #expect(
      differences(status(lan, vm, on: settled(defined: [foreign("03:00.0")], live: nil))).names([
        "definition", "vm", "net0",
      ]))
    #expect(
      differences(
        status(lan, vm, on: settled(defined: [marked("03:00.0", "net0", managed: false)], live: nil))
      ).names(["definition", "vm", "net0"]))
  }

  @Test("an unclaimed device is listed by the NIC's name, or by its address without a name")
  func leftOver() throws {
    let guest = guest("vm")
    #expect(
      differences(status(Self.lan, guest, on: settled(live: nil))).names(
        ["definition", "vm", "net0"], ["driver", "vfio-pci", "igb"], ["override", "vfio-pci"]))
    let unnamed = status(host(""), guest, on: settled(live: nil))
    let nic = try #require(unnamed.nics.first)
    #expect(nic.name == nil && nic.subject == "function/0000:03:00.0")
    #expect(nic.findings.differences.map(\.category) == [.definition])
    #expect(unnamed.guests.map(\.state) == [.drifted])
  }

  @Test("a driver that is not loaded is a difference of the host")
  func module() {
    var seen = settled(driver: "igb", override: nil, live: nil)
    seen.kernel.drivers = .known(["igb"])
    let status = status(Self.lan, Self.vm, on: seen)
    #expect(status.rest.differences.map(\.category) == [.module])
    #expect(status.rest.differences.first?.steps == ["load/vfio-pci"])
  }

  @Test("the number of VFs and their settings are compared, and unknown settings are unknown")
  func virtualFunctions() {
    let claimed = guest("vm", "name: net0, from: pool/0, vlan: 120, mac: '52:54:00:00:00:01'")
    let none = status(poolHost(2), claimed, on: state(pool(), libvirt: [off("vm")]))
    #expect(differences(none, "pool") == ["vf-count: 0 → 2"])
    #expect(none.nics.map(\.state) == [.drifted, .drifted, .drifted])
    // The unclaimed VF is missing only because of its PF.
    #expect(differences(none, "pool/1") == ["vf-count: 0 → 2"])
    #expect(none.nics[2].function == nil)
    #expect(none.nics.map(\.isAsItsPF) == [false, false, true])
    let there = state(
      pool(count: 2, eachVF: onVFIO), libvirt: [off("vm", [marked("03:10.0", "net0")])])
    let set = VFSettings(
      mac: mac("52:54:00:00:00:01"), vlan: VLAN(id: 120), trust: false, spoofCheck: true, linkState: .auto,
      rate: VFSettings.Rate(min: 0, max: 0))
    var other = set
    other.vlan = VLAN(id: 7)
    #expect(
      differences(status(poolHost(2), claimed, on: there.setting("03:10.0", .known(other))), "pool/0").names([
        "vf-settings", "vm", "7", "120",
      ]))
    let unknown = status(poolHost(2), claimed, on: there.setting("03:10.0", .unavailable("no netlink")))
    #expect(unknown.nics.map(\.state).prefix(2) == [.inSync, .unknown])
    #expect(unknown.guests.map(\.state) == [.unknown])
  }

  @Test("a refused NIC is blocked with its guard, and so are the VFs of a refused PF")
  func refused() {
    let used = state([nic("03:00.0", uses: .known([HostUse(.bridge, "br0")]))], libvirt: [off("vm")])
    let refused = status(Self.lan, Self.vm, on: used)
    #expect(refused.state == .blocked)
    #expect(refused.nics.first?.findings.refusals.map(\.code) == [.hostNetwork])
    #expect(refused.guests.map(\.state) == [.blocked])
    let claimed = guest("vm", "name: net0, from: pool/0")
    let few = status(poolHost(2), claimed, on: state([nic("03:00.0")], libvirt: [off("vm")]))
    #expect(few.nics.map(\.state) == [.blocked, .blocked, .blocked])
  }

  @Test("a NIC that is not found is blocked, and one with an unavailable guest is unknown")
  func notFound() {
    let none = status(Self.lan, Self.vm, on: state([], libvirt: [off("vm")]))
    #expect(none.nics.map(\.state) == [.blocked] && none.nics.first?.function == nil)
    let unasked = status(
      Self.lan, Self.vm, on: state([nic("03:00.0")]) { $0.libvirt = .unavailable("no libvirtd") })
    #expect(unasked.state == .unknown)
    #expect(unasked.guests.first?.found.reason.names("libvirtd") == true)
  }

  @Test("a notice does not change the state")
  func notices() {
    let late = guest("vm", "name: net0, from: lan, hotplug: false")
    let status = status(Self.lan, late, on: settled(live: []))
    #expect(status.state == .inSync)
    #expect(status.nics.first?.findings.notices.map(\.code) == [.waits])
  }
}
