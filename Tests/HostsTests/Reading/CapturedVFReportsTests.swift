import Documents
import HostModel
import Testing

@testable import Hosts

@Suite("VF settings from ip(8)")
struct VFReportsTests {
  private func reports(_ text: String) throws -> CapturedVFReports {
    try CapturedVFReports(Source(name: "ip -json link show", text: text))
  }

  private func settings(_ report: String) throws -> VFSettings? {
    try reports("[{\"ifname\":\"eth0\",\"vfinfo_list\":[\(report)]}]").settings["eth0"]?[0]
  }

  /// The output of iproute2 6.15.
  private static let printed = """
    [{"ifindex":1,"ifname":"lo","flags":["LOOPBACK"],"mtu":65536},{"ifindex":4,"ifname":"eth0",\
    "flags":["BROADCAST","MULTICAST","UP"],"mtu":1500,"address":"90:e2:ba:00:d1:c2","num_vf":2,"vfinfo_list":\
    [{"vf":0,"link_type":"ether","address":"02:11:22:33:44:55","broadcast":"ff:ff:ff:ff:ff:ff",\
    "vlan_list":[{"vlan":120,"qos":3}],"tx_rate":100,"rate":{"max_tx":100,"min_tx":0},"spoofchk":false,\
    "link_state":"auto","trust":true},{"vf":1,"link_type":"ether","address":"00:00:00:00:00:00",\
    "broadcast":"ff:ff:ff:ff:ff:ff","vlan_list":[{}],"rate":{"max_tx":0,"min_tx":0},"spoofchk":true,\
    "link_state":"auto","trust":false}]},{"ifindex":5,"ifname":"eth1","num_vf":0,"vfinfo_list":[]}]
    """

  @Test("All printed settings are read, by interface and VF number")
  func printed() throws {
    let found = try reports(Self.printed)
    let first = VFSettings(
      mac: MACAddress("02:11:22:33:44:55"), vlan: VLAN(id: 120, qos: 3), trust: true, spoofCheck: false,
      linkState: .auto, rate: VFSettings.Rate(min: 0, max: 100))
    #expect(found.settings == ["eth0": [0: first, 1: .initial]])
  }

  @Test("Old versions print the VLAN without a list, and 0 for no VLAN")
  func oldForm() throws {
    let old = try settings(
      "{\"vf\":0,\"mac\":\"02:11:22:33:44:55\",\"vlan\":120,\"qos\":3,\"tx_rate\":100,\"spoofchk\":true}")
    #expect(old?.vlan == VLAN(id: 120, qos: 3))
    #expect(try settings("{\"vf\":0,\"vlan\":0}")?.vlan == VLAN.none)
    #expect(try settings("{\"vf\":0}")?.vlan == VLAN.none)
  }

  @Test(
    "The protocol of a VLAN is read in either case", arguments: ["802.1ad", "802.1AD", "802.1Q"])
  func proto(word: String) throws {
    let found = try settings("{\"vf\":0,\"vlan_list\":[{\"vlan\":7,\"protocol\":\"\(word)\"}]}")
    #expect(found?.vlan == VLAN(id: 7, proto: word == "802.1Q" ? .q : .ad))
  }

  @Test(
    "A setting that the driver does not report is left out",
    arguments: [
      "trust", "spoofchk", "link_state", "rate", "address",
    ])
  func untold(key: String) throws {
    let parts = [
      "address": "\"address\":\"02:11:22:33:44:55\"", "trust": "\"trust\":true",
      "spoofchk": "\"spoofchk\":true",
      "link_state": "\"link_state\":\"enable\"", "rate": "\"rate\":{\"max_tx\":5,\"min_tx\":1}",
    ]
    let report = parts.filter { $0.key != key }.values.sorted().joined(separator: ",")
    let found = try #require(try settings("{\"vf\":0,\(report)}"))
    var expected = VFSettings(
      mac: MACAddress("02:11:22:33:44:55"), vlan: VLAN.none, trust: true, spoofCheck: true,
      linkState: .enable,
      rate: VFSettings.Rate(min: 1, max: 5))
    switch key {
    case "address": expected.mac = nil
    case "trust": expected.trust = nil
    case "spoofchk": expected.spoofCheck = nil
    case "link_state": expected.linkState = nil
    default: expected.rate = nil
    }
    #expect(found == expected)
  }

  @Test(
    "An invalid setting is left out",
    arguments: [
      "\"address\":\"02:11:22\"", "\"address\":{}", "\"address\":7", "\"trust\":\"maybe\"", "\"trust\":[]",
      "\"link_state\":\"sideways\"", "\"rate\":7", "\"rate\":{\"min_tx\":1}", "\"spoofchk\":null",
    ])
  func nonsense(part: String) throws {
    #expect(try settings("{\"vf\":0,\(part)}") == VFSettings(vlan: VLAN.none))
  }

  @Test(
    "An invalid VLAN is unknown, and is not read as no VLAN",
    arguments: ["\"vlan\":4096", "\"vlan\":-1", "\"vlan\":7,\"qos\":8", "\"vlan\":7,\"qos\":\"x\""])
  func nonsenseVLAN(part: String) throws {
    #expect(try settings("{\"vf\":0,\"vlan_list\":[{\(part)}]}") == VFSettings())
  }

  @Test(
    "A report without a valid VF number is left out",
    arguments: ["{}", "{\"vf\":-1}", "{\"vf\":65536}", "{\"vf\":\"x\"}", "7", "null", "[]"])
  func numberless(report: String) throws {
    #expect(try reports("[{\"ifname\":\"eth0\",\"vfinfo_list\":[\(report)]}]").settings.isEmpty)
  }

  @Test(
    "An entry that is not an interface with VFs is skipped",
    arguments: [
      "{}", "7", "null", "{\"ifname\":\"eth1\"}", "{\"ifname\":\"eth1\",\"vfinfo_list\":{}}",
      "{\"vfinfo_list\":[{\"vf\":0}]}", "{\"ifname\":{},\"vfinfo_list\":[{\"vf\":0}]}",
    ])
  func passedOver(link: String) throws {
    let found = try reports("[\(link),{\"ifname\":\"eth0\",\"vfinfo_list\":[{\"vf\":3}]}]")
    #expect(found.settings.map(\.key) == ["eth0"] && found.settings["eth0"]?.map(\.key) == [3])
  }

  @Test(
    "Output that is not a list of interfaces is an error",
    arguments: ["", "{}", "null", "[", "[}", "Error: x"])
  func noAnswer(text: String) {
    #expect(throws: CaptureFailure.self) { try reports(text) }
  }

  @Test(
    "Settings that are read can be encoded in a snapshot and decoded",
    arguments: [0, 1, 4094, 4095])
  func snapshot(vlan: Int) throws {
    let found = try #require(try settings("{\"vf\":0,\"vlan_list\":[{\"vlan\":\(vlan),\"qos\":1}]}"))
    let source = Source(name: "s.json", text: VFSettings.form.encode(found).text)
    #expect(try VFSettings.form.value(of: try JSONReader.document(of: source), from: source) == found)
  }
}
