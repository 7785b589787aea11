import HostModel
import Planning
import TestSupport
import Testing

@Suite("VF settings")
struct VFSettingsTests {
  private func claim(_ more: String) -> String {
    guest("winxp", "name: net0, from: pool/0, mac: '52:54:00:00:00:01'\(more)")
  }

  private func ready(isUp: Bool = true, driver: String = "igb") -> HostState {
    state(
      pool(count: 2, autoprobe: false, isUp: isUp) { $0.driver = driver },
      libvirt: [off("winxp", [marked("03:10.0", "net0")])]
    ).changing("03:10.0", onVFIO)
  }

  @Test(
    "declared settings are set, and no others",
    arguments: [
      ("", VFSettings()), (", vlan: 120", VFSettings(vlan: VLAN(id: 120))),
      (", vlan: {id: 120, qos: 3}", VFSettings(vlan: VLAN(id: 120, qos: 3))),
      (", trust: true", VFSettings(trust: true)), (", trust: false", VFSettings()),
      (", spoofCheck: false", VFSettings(spoofCheck: false)),
      (", rate: {max: 200}", VFSettings(rate: VFSettings.Rate(min: 0, max: 200))),
    ])
  func declared(more: String, expected: VFSettings) throws {
    let plan = plan(poolHost(2), claim(more), on: ready())
    let settings = try #require(plan.settings("03:10.0"))
    var whole = expected
    whole.mac = mac("52:54:00:00:00:01")
    #expect(settings.to == whole)
    #expect(settings.from == whole.counterpart(in: .initial))
    #expect(plan.ids == ["configure/0000:03:10.0"] && plan.codes == [])
    #expect(plan.steps.first?.because.names("winxp", "pool/0") == true)
    #expect(plan.steps.first?.disturbs == .nothing && plan.steps.first?.reason == .claimed)
  }

  @Test("settings that are in place need no step")
  func asDeclared() {
    let set = VFSettings(
      mac: mac("52:54:00:00:00:01"), vlan: VLAN(id: 120), trust: true, spoofCheck: false, linkState: .auto,
      rate: VFSettings.Rate(min: 0, max: 200))
    let plan = plan(
      poolHost(2), claim(", vlan: 120, trust: true, spoofCheck: false, rate: {max: 200}"),
      on: ready().setting("03:10.0", .known(set)))
    #expect(plan.isEmpty && plan.codes == [])
  }

  @Test("settings of the last guest that this guest does not declare are reset")
  func inheritsNothing() throws {
    let last = VFSettings(
      mac: mac("52:54:00:00:00:09"), vlan: VLAN(id: 7, qos: 2), trust: true, spoofCheck: false,
      linkState: .auto, rate: VFSettings.Rate(min: 0, max: 50))
    let plan = plan(poolHost(2), claim(""), on: ready().setting("03:10.0", .known(last)))
    let settings = try #require(plan.settings("03:10.0"))
    #expect(
      settings.to
        == VFSettings(
          mac: mac("52:54:00:00:00:01"), vlan: VLAN.none, trust: false, spoofCheck: true,
          rate: VFSettings.Rate(min: 0, max: 0)))
    #expect(settings.from == settings.to.counterpart(in: last))
  }

  @Test("a forced link state is reset on a card that supports it")
  func linkReset() throws {
    var last = VFSettings.initial
    last.linkState = .disable
    let plan = plan(
      poolHost(2), claim(""), on: ready(driver: "i40e").setting("03:10.0", .known(last)))
    #expect(try #require(plan.settings("03:10.0")).to.linkState == .auto)
  }

  @Test("an unclaimed VF loses the MAC address, VLAN and trust of its last guest")
  func unclaimed() throws {
    let last = VFSettings(mac: mac("52:54:00:00:00:09"), vlan: VLAN(id: 7), trust: true)
    let state = state(pool(count: 1, autoprobe: false)).setting("03:10.0", .known(last))
    let plan = plan(poolHost(1), on: state)
    #expect(plan.ids == ["configure/0000:03:10.0"])
    let settings = try #require(plan.settings("03:10.0"))
    #expect(settings.from == last && settings.to.vlan == VLAN.none && settings.to.trust == false)
    let own = try #require(settings.to.mac)
    #expect(own != last.mac && own.value >> 40 & 0x03 == 0x02)
    let after = VFSettings(mac: own, vlan: VLAN.none, trust: false)
    #expect(TestSupport.plan(poolHost(1), on: state.setting("03:10.0", .known(after))).isEmpty)
  }

  @Test("an unclaimed VF on its native driver, or in another guest, keeps its settings")
  func unclaimedAndUsed() {
    let last = VFSettings(mac: mac("52:54:00:00:00:09"), vlan: VLAN(id: 7), trust: true)
    let bound = state(pool(count: 1, autoprobe: false, eachVF: { $0.driver = "igbvf" }))
    #expect(plan(poolHost(1), on: bound.setting("03:10.0", .known(last))).isEmpty)
    let held = state(
      pool(count: 1, autoprobe: false, eachVF: onVFIO), libvirt: [off("x", [foreign("03:10.0")])])
    #expect(plan(poolHost(1), on: held.setting("03:10.0", .known(last))).isEmpty)
  }

  @Test("a setting that the driver does not report is not reset")
  func untold() throws {
    let told = VFSettings(mac: mac("52:54:00:00:00:09"), vlan: VLAN(id: 7))
    let plan = plan(poolHost(2), claim(""), on: ready().setting("03:10.0", .known(told)))
    #expect(
      try #require(plan.settings("03:10.0")).to
        == VFSettings(mac: mac("52:54:00:00:00:01"), vlan: VLAN.none))
  }

  @Test(
    "a declared setting that the driver does not report is refused",
    arguments: ["trust: false", "spoofCheck: true"])
  func untoldButDeclared(setting: String) {
    let told = VFSettings(mac: mac("52:54:00:00:00:09"), vlan: VLAN.none)
    let plan = plan(poolHost(2), claim(", " + setting), on: ready().setting("03:10.0", .known(told)))
    #expect(plan.codes == [.unsupported] && plan.ids == [])
    #expect(plan.refusals.first?.message.names("0000:03:00.0", "0000:03:10.0", "igb") == true)
    #expect(plan.refusals.first?.guest == "winxp" && plan.refusals.first?.nic == "pool/0")
  }

  @Test(
    "a setting that igb does not support is refused in the plan",
    arguments: ["linkState: enable", "vlan: {id: 7, proto: 802.1ad}", "rate: {min: 10, max: 100}"])
  func knownNotToHave(setting: String) {
    let plan = plan(poolHost(2), claim(", " + setting), on: ready())
    #expect(plan.codes == [.unsupported] && plan.ids == [])
    #expect(plan.refusals.first?.message.names("igb", "0000:03:10.0") == true)
  }

  @Test(
    "every setting is tried on a driver without known limits",
    arguments: ["linkState: enable", "vlan: {id: 7, proto: 802.1ad}", "rate: {min: 10, max: 100}"])
  func unknownDriver(setting: String) {
    let plan = plan(poolHost(2), claim(", " + setting), on: ready(driver: "mlx5_core"))
    #expect(plan.codes == [] && plan.ids == ["configure/0000:03:10.0"])
  }

  @Test("linkState: auto is the default, and needs no support in the driver")
  func linkAuto() {
    #expect(plan(poolHost(2), claim(", linkState: auto"), on: ready()).codes == [])
  }

  @Test("a rate is refused while igb's link is down, to set it and to reset it")
  func rateWhileDown() {
    let refused = plan(poolHost(2), claim(", rate: {max: 200}"), on: ready(isUp: false))
    #expect(refused.codes == [.unsupported] && refused.ids == [])
    #expect(refused.refusals.first?.message.names("igb", "eth30") == true)
    #expect(plan(poolHost(2), claim(", vlan: 7"), on: ready(isUp: false)).codes == [])
    var last = VFSettings.initial
    last.rate = VFSettings.Rate(min: 0, max: 50)
    let reset = plan(poolHost(2), claim(""), on: ready(isUp: false).setting("03:10.0", .known(last)))
    #expect(reset.codes == [.unsupported] && reset.ids == [])
  }

  @Test("a rate is refused on an igb PF that returns from vfio-pci, as it is then down")
  func rateComesBackDown() {
    let away = state(pool(driver: "vfio-pci"), libvirt: [off("winxp")])
    #expect(plan(poolHost(1), claim(", rate: {max: 200}"), on: away).codes == [.unsupported])
    #expect(plan(poolHost(1), claim(", trust: true"), on: away).codes == [])
  }

  @Test("a PF that returns from vfio-pci is checked against its native driver")
  func comesBack() {
    let plan = plan(
      poolHost(1), claim(", linkState: enable"),
      on: state(pool(driver: "vfio-pci"), libvirt: [off("winxp")]))
    #expect(plan.codes == [.unsupported])
    #expect(plan.refusals.first?.message.names("igb") == true)
  }

  @Test("a claim of a VF with unknown settings is refused")
  func unknown() {
    let state = ready().setting("03:10.0", .unavailable("no answer in time"))
    let plan = plan(poolHost(2), claim(""), on: state)
    #expect(plan.codes == [.unavailable] && plan.ids == [])
    #expect(plan.refusals.first?.message.names("0000:03:10.0") == true)
    #expect(TestSupport.plan(poolHost(2), guest("winxp"), on: state).codes == [])
  }

  @Test("settings that changed under a running guest are restored, which disturbs the guest")
  func mended() throws {
    let changed = VFSettings(
      mac: mac("52:54:00:00:00:01"), vlan: VLAN.none, trust: false, spoofCheck: true, linkState: .auto,
      rate: VFSettings.Rate(min: 0, max: 0))
    let state = state(
      pool(count: 2, autoprobe: false), libvirt: [running("winxp", [marked("03:10.0", "net0")])]
    ).changing("03:10.0") {
      onVFIO(&$0)
      $0.holders = .known([qemu])
    }.setting("03:10.0", .known(changed))
    let plan = plan(poolHost(2), claim(", vlan: 120"), on: state)
    #expect(plan.ids == ["configure/0000:03:10.0"] && plan.codes == [])
    #expect(plan.steps.first?.disturbs == .runningGuest)
    #expect(try #require(plan.settings("03:10.0")).to == VFSettings(vlan: VLAN(id: 120)))
  }
}

@Suite("The MAC address of a VF without a declared one")
struct StableMACTests {
  private func address(
    _ index: Int = 0, of port: [PCIFunction] = pool(), hostName: String = "hv01"
  ) throws -> MACAddress {
    let manifests = poolHost(7) + guest("winxp", "name: net0, from: pool/\(index)")
    let plan = plan(
      manifests.replacing("hv01", with: hostName), on: state(port, libvirt: [off("winxp")]))
    #expect(plan.codes == [])
    let settings = try #require(plan.settings("\(pci("03:10.0").advanced(index))"))
    return try #require(settings.to.mac)
  }

  @Test("is locally administered and unicast")
  func kind() throws {
    for index in 0..<7 {
      let value = try address(index).value
      #expect(value >> 40 & 0x03 == 0x02)
      #expect(value >> 48 == 0)
    }
  }

  @Test("is always the same, whatever driver the PF is bound to")
  func same() throws {
    let first = try address()
    #expect(try address() == first)
    #expect(try address(of: pool(driver: "vfio-pci")) == first)
    // A literal, as an address that changed with a version of pcipass would not be stable.
    #expect("\(first)" == Self.expected)
  }

  private static let expected = "8a:76:37:e6:2d:10"

  @Test("differs for each VF, card and host")
  func other() throws {
    let other = pool { $0.interfaces[0].permanentMAC = mac("90:e2:ba:00:00:99") }
    let all = try (0..<7).map { try address($0) } + [address(of: other), address(hostName: "hv02")]
    #expect(Set(all).count == all.count)
  }

  @Test("depends on the card's serial number, or its location, where it has no MAC address")
  func nameless() throws {
    let nameless = pool {
      ($0.interfaces, $0.remembered, $0.driver) = ([], nil, nil)
    }
    let numbered = pool {
      ($0.interfaces, $0.remembered, $0.driver) = ([], nil, nil)
      $0.serial = "90-e2-ba-ff-ff-00-d1-c2"
    }
    #expect(try address(of: nameless) == address(of: nameless))
    #expect(try Set([address(), address(of: nameless), address(of: numbered)]).count == 3)
  }

  @Test("needs no step where it is set, and replaces one that the driver chose at random")
  func kept() throws {
    let stable = try address()
    let libvirt = [off("winxp", [marked("03:10.0", "net0")])]
    let ready = state(pool(count: 1, autoprobe: false, eachVF: onVFIO), libvirt: libvirt)
    let claim = guest("winxp", "name: net0, from: pool/0")
    var settings = VFSettings.initial
    settings.mac = stable
    #expect(plan(poolHost(1), claim, on: ready.setting("03:10.0", .known(settings))).isEmpty)
    settings.mac = mac("5a:11:22:33:44:55")
    let plan = plan(poolHost(1), claim, on: ready.setting("03:10.0", .known(settings)))
    #expect(try #require(plan.settings("03:10.0")).to == VFSettings(mac: stable))
  }
}

extension PCIAddress {
  /// Returns the location of a VF of an 82576, as bus, device and function. This address is the
  /// first VF's.
  fileprivate func advanced(_ index: Int) -> String {
    let place = Int(device) << 3 + Int(function) + index * 2
    let digits = String(place >> 3, radix: 16)
    return "03:\(digits.count < 2 ? "0" : "")\(digits).\(place & 7)"
  }
}
