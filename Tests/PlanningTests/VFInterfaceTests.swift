import HostModel
import Planning
import TestSupport
import Testing

@Suite("A VF with as: interface")
struct VFInterfaceTests {
  private let address = mac("52:54:00:00:00:01")
  private let claim = guest(
    "winxp", "name: net0, from: pool/0, as: interface, mac: '52:54:00:00:00:01', vlan: 130")

  private func interface(vlan: Int? = 130, mac: MACAddress? = nil, at place: String? = nil) -> Hostdev {
    Hostdev(
      address: pci("03:10.0"), alias: "ua-pcipass-net0", isManaged: true, guestAddress: place.map(pci),
      device: .interface, mac: mac ?? address, vlan: vlan)
  }

  private func ready(_ guest: GuestState, isUp: Bool = true, settings: VFSettings = .initial) -> HostState {
    state(pool(count: 1, autoprobe: false, isUp: isUp, eachVF: onVFIO), libvirt: [guest])
      .setting("03:10.0", .known(settings))
  }

  /// The settings that libvirt makes while the guest has the interface.
  private var live: VFSettings {
    var settings = VFSettings.initial
    (settings.mac, settings.vlan) = (address, VLAN(id: 130))
    return settings
  }

  @Test("has MAC and VLAN in the device, which libvirt sets without a step on the PF")
  func setByLibvirt() throws {
    let plan = plan(poolHost(1), claim, on: ready(running("winxp")))
    #expect(plan.ids == ["attach/winxp/net0/persistent", "attach/winxp/net0/live"] && plan.codes == [])
    #expect(plan.steps.map(\.hostdev) == [interface(), interface()])
  }

  @Test("has its other settings configured on the PF before the hot-plug")
  func rest() throws {
    let claim = guest("winxp", "name: net0, from: pool/0, as: interface, vlan: 130, trust: true")
    let plan = plan(poolHost(1), claim, on: ready(running("winxp")))
    #expect(try #require(plan.settings("03:10.0")).to == VFSettings(trust: true))
    #expect(plan.before("attach/winxp/net0/live").contains("configure/0000:03:10.0"))
  }

  @Test("has the stable MAC where none is declared, and no VLAN where none is declared")
  func stable() throws {
    let claim = guest("winxp", "name: net0, from: pool/0, as: interface")
    let given = try #require(plan(poolHost(1), claim, on: ready(off("winxp"))).steps.last?.hostdev)
    let coming = plan(poolHost(1), claim, on: state(pool(), libvirt: [off("winxp")]))
    #expect(coming.steps.last?.hostdev == given)
    #expect(given.device == .interface && given.vlan == nil)
    #expect(try #require(given.mac).value >> 40 & 0x03 == 0x02)
  }

  @Test("is configured again where its live settings are lost")
  func mended() throws {
    let held = ready(running("winxp", [interface()]), settings: live).changing("03:10.0") {
      $0.holders = .known([qemu])
    }
    #expect(plan(poolHost(1), claim, on: held).isEmpty)
    let lost = held.setting("03:10.0", .known(.initial))
    let plan = plan(poolHost(1), claim, on: lost)
    #expect(plan.ids == ["configure/0000:03:10.0"] && plan.codes == [])
    #expect(
      try #require(plan.settings("03:10.0")).to == VFSettings(mac: address, vlan: VLAN(id: 130)))
    #expect(plan.steps.first?.disturbs == .runningGuest)
  }

  @Test("is refused for a running guest while the PF is down")
  func downLive() {
    let plan = plan(poolHost(1), claim, on: ready(running("winxp"), isUp: false))
    #expect(plan.codes == [.virtualFunctions] && plan.ids == [])
    #expect(plan.refusals.first?.help.names("eth30") == true)
  }

  @Test("is refused for a guest that is off while the PF is down, as it would not start")
  func downCold() {
    let plan = plan(poolHost(1), claim, on: ready(off("winxp"), isUp: false))
    #expect(plan.codes == [.virtualFunctions] && plan.ids == [])
  }

  @Test("is refused where the PF returns from vfio-pci, as the PF is then down")
  func comesBackDown() {
    let away = pool(driver: "vfio-pci")
    let live = plan(poolHost(1), claim, on: state(away, libvirt: [running("winxp")]))
    #expect(live.codes == [.virtualFunctions])
    #expect(live.refusals.first?.help.names("eth30") == true)
    let cold = plan(poolHost(1), claim, on: state(away, libvirt: [off("winxp")]))
    #expect(cold.codes == [.virtualFunctions])
  }

  @Test("is not refused where the PF's link is unknown (another network namespace)")
  func unseen() {
    let unseen = pool { $0.interfaces = [] }
    #expect(plan(poolHost(1), claim, on: state(unseen, libvirt: [running("winxp")])).codes == [])
  }

  @Test("needs the PF up, which a plain hostdev does not")
  func downPlain() {
    let claim = guest("winxp", "name: net0, from: pool/0")
    let plan = plan(poolHost(1), claim, on: ready(running("winxp"), isUp: false))
    #expect(plan.codes == [] && plan.notices == [])
  }

  @Test(
    "gets another MAC or VLAN in the definition, which waits for the next start",
    arguments: [
      ("mac: '52:54:00:00:00:02', vlan: 130", "52:54:00:00:00:02", 130, "MAC"),
      ("mac: '52:54:00:00:00:01', vlan: 7", "52:54:00:00:00:01", 7, "VLAN"),
      ("mac: '52:54:00:00:00:01'", "52:54:00:00:00:01", nil, "VLAN"),
    ] as [(String, String, Int?, String)])
  func changed(claim: String, text: String, vlan: Int?, setting: String) {
    let present = interface(at: "00:05.0")
    let held = ready(running("winxp", [present]), settings: live).changing("03:10.0") {
      $0.holders = .known([qemu])
    }
    let plan = plan(
      poolHost(1), guest("winxp", "name: net0, from: pool/0, as: interface, \(claim)"), on: held)
    #expect(plan.codes == [])
    #expect(plan.remarks.names(["waits", setting, "winxp"]))
    #expect(plan.step("detach/winxp/net0/persistent") == nil)
    #expect(
      plan.step("edit/winxp/net0/persistent")?.hostdev
        == interface(vlan: vlan, mac: mac(text), at: "00:05.0"))
    #expect(plan.step("attach/winxp/net0/live") == nil && plan.step("detach/winxp/net0/live") == nil)
  }

  @Test("replaces a hostdev in the definition, and in the guest at its next start")
  func kind() {
    var present = marked("03:10.0", "net0", at: "00:05.0")
    present.element = "<hostdev><rom bar='off'/></hostdev>"
    let held = ready(running("winxp", [present]), settings: live).changing("03:10.0") {
      $0.holders = .known([qemu])
    }
    let plan = plan(poolHost(1), claim, on: held)
    #expect(plan.codes == [])
    #expect(plan.ids == ["edit/winxp/net0/persistent"])
    // The hostdev's XML is not valid for an interface.
    #expect(plan.steps.last?.hostdev == interface(at: "00:05.0"))
    #expect(plan.remarks.names(["waits", "winxp"]))
  }

  @Test("is configured again before another running guest gets it as a plain hostdev")
  func moved() throws {
    let held = ready(running("winxp", [interface()]), settings: live).changing("03:10.0") {
      $0.holders = .known([qemu])
    }
    var both = held
    both.libvirt = .known((held.libvirt.value ?? []) + [running("other")])
    let claim = guest("other", "name: net0, from: pool/0, mac: '52:54:00:00:00:01', vlan: 130")
    let plan = plan(poolHost(1), guest("winxp"), claim, on: both)
    #expect(plan.codes == [])
    #expect(try #require(plan.settings("03:10.0")).to == VFSettings(mac: address, vlan: VLAN(id: 130)))
    #expect(plan.before("configure/0000:03:10.0").contains("detach/winxp/net0/live"))
    #expect(plan.before("attach/other/net0/live").contains("configure/0000:03:10.0"))
  }

  @Test("keeps its live settings when MAC, VLAN or the kind of device changes")
  func nextStart() {
    let held = ready(running("winxp", [interface()]), settings: live).changing("03:10.0") {
      $0.holders = .known([qemu])
    }
    for claim in [
      "as: interface, mac: '52:54:00:00:00:02', vlan: 130",
      "as: interface, mac: '52:54:00:00:00:01', vlan: 7",
      "mac: '52:54:00:00:00:02'",
    ] {
      let plan = plan(poolHost(1), guest("winxp", "name: net0, from: pool/0, " + claim), on: held)
      #expect(plan.settings("03:10.0") == nil)
      #expect(plan.ids == ["edit/winxp/net0/persistent"])
      #expect(plan.notices.map(\.code) == [.waits])
    }
  }
}
