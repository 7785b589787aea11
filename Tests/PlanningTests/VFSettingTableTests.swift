import Documents
import HostModel
import TestSupport
import Testing

@Suite("The table of VF settings")
struct VFSettingTableTests {
  @Test("has a row for each property, of the same name and in the same order")
  func properties() {
    #expect(
      Mirror(reflecting: VFSettings()).children.compactMap(\.label) == VFSetting.allCases.map(\.rawValue))
  }

  @Test(
    "has the rest of each row: every operation works for each setting alone",
    arguments: VFSetting.allCases)
  func alone(setting: VFSetting) {
    let one = VFSettings.initial.only(setting)
    #expect(!one.isEmpty && one.firstKey == setting.rawValue && !one.description.isEmpty)
    #expect(VFSettings.initial.description.contains(one.description))
    #expect(one.isMet(by: .initial) && !one.isMet(by: VFSettings()))
    #expect(one.difference(from: VFSettings()) == one && one.changed.isEmpty && one.completed == one)
    #expect(one.counterpart(in: .initial) == one && one.counterpart(in: VFSettings()).isEmpty)
    #expect(VFSettings().with(one) == one && one.with(VFSettings()) == one)
    #expect(VFSettings.form.encode(one).line.hasPrefix("{\"\(setting.rawValue)\": "))
  }

  @Test("separates a driver's initial values from values that were set")
  func changed() {
    var settings = VFSettings.initial
    settings.rate = VFSettings.Rate(min: nil, max: 0)
    #expect(settings.changed.isEmpty)
    settings.rate = VFSettings.Rate(min: nil, max: 5)
    (settings.mac, settings.trust) = (nil, true)
    #expect(settings.changed == VFSettings(trust: true, rate: VFSettings.Rate(min: nil, max: 5)))
  }

  @Test("names settings that a driver does not report, then refused values, then unsupported ones")
  func problems() {
    let function = PCIFunction(
      address: pci("03:00.0"), id: PCIID(vendor: 0x8086, device: 0x10C9), deviceClass: PCIClass(0x020000),
      driver: "igb", nativeDriver: "igb")
    var now = VFSettings.initial
    now.trust = nil
    let all = VFSettings(
      vlan: VLAN(id: 7, proto: .ad), trust: true, linkState: .enable, rate: VFSettings.Rate(min: 5, max: 9))
    var change = all
    func problem() -> String? { VFDriverLimits.problem(with: change, change, of: function, now) }
    #expect(problem().names("igb"))
    change.trust = nil
    #expect(problem().names("igb", "802.1Q"))
    change.vlan = nil
    #expect(problem().names("igb"))
    change.rate = nil
    #expect(problem().names("igb"))
    change.linkState = nil
    #expect(problem() == nil)
  }
}
