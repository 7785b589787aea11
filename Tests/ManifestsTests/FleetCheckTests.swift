import Documents
import TestSupport
import Testing

@testable import Manifests

@Suite("The fleet check")
struct FleetCheckTests {
  /// Returns the manifests of a host, with NICs on lines 5 and 6, and of its guest, with NICs from
  /// line 10.
  private func fleet(_ host: String..., guest: String...) -> String {
    let lines = host.map { $0 + "," } + Array(repeating: "#", count: 2 - host.count)
    return """
      apiVersion: pcipass/v1
      kind: Host
      metadata: {name: hv01}
      spec: {nics: [
      \(lines.joined(separator: "\n"))
      ]}
      ---
      {apiVersion: pcipass/v1, kind: Guest, metadata: {name: web}, spec: {host: hv01, nics: [
      \(guest.joined(separator: ",\n"))
      ]}}
      """
  }

  private let lan = "{name: lan, select: {address: '0000:03:00.0'}}"
  private let pool = "{name: pool, select: {address: '0000:04:00.0'}, virtualFunctions: {count: 4}}"

  @Test("accepts a fleet without errors")
  func good() {
    #expect(
      problems(of: fleet(lan, pool, guest: "{name: a, from: lan}", "{name: b, from: pool/3, vlan: 7}"))
        .isEmpty)
  }

  @Test("refuses guests of one host with different libvirt URIs")
  func libvirts() {
    func guest(_ name: String, _ libvirt: String) -> String {
      "---\n{apiVersion: pcipass/v1, kind: Guest, metadata: {name: \(name)}, "
        + "spec: {host: hv01, nics: [], \(libvirt)}}\n"
    }
    let host = "{apiVersion: pcipass/v1, kind: Host, metadata: {name: hv01}, spec: {nics: []}}\n"
    let system = "libvirt: {uri: 'qemu:///system'}"
    #expect(problems(of: host + guest("a", system) + guest("b", system)).isEmpty)
    #expect(problems(of: host + guest("a", system) + guest("b", "qemu: {qmp: /run/b.sock}")).isEmpty)
    let found = problems(of: host + guest("a", system) + guest("b", "libvirt: {domain: bb}"))
    #expect(found.map(\.code) == ["conflict"])
    #expect(found.first?.message.names("a", "b") == true)
  }

  @Test("refuses a duplicate name of a host, a guest of a host, or a NIC of either")
  func names() {
    let text = """
      {apiVersion: pcipass/v1, kind: Host, metadata: {name: hv01}, spec: {nics: []}}
      ---
      {apiVersion: pcipass/v1, kind: Host, metadata: {name: hv01}, spec: {nics: []}}
      ---
      {apiVersion: pcipass/v1, kind: Host, metadata: {name: hv02}, spec: {nics: []}}
      ---
      {apiVersion: pcipass/v1, kind: Guest, metadata: {name: web}, spec: {host: hv01, nics: []}}
      ---
      {apiVersion: pcipass/v1, kind: Guest, metadata: {name: web}, spec: {host: hv02, nics: []}}
      ---
      {apiVersion: pcipass/v1, kind: Guest, metadata: {name: web}, spec: {host: hv01, nics: []}}
      """
    let found = problems(of: text)
    #expect(found.map(\.short) == ["3:55 duplicate-name 1:55", "11:56 duplicate-name 7:56"])
    #expect(found.first?.message.names("hv01") == true)
    #expect(found.last?.message.names("web", "hv01") == true)
    let other = "{name: lan, select: {address: '0000:05:00.0'}}"
    #expect(
      problems(of: fleet(lan, other, guest: "{name: a, from: lan}")).map(\.short) == [
        "6:8 duplicate-name 5:8"
      ])
    #expect(
      problems(of: fleet(lan, pool, guest: "{name: a, from: lan}", "{name: a, from: pool/0}")).map(\.short)
        == ["11:8 duplicate-name 10:8"])
  }

  @Test("refuses two NICs of a host that select the same function, in any spelling")
  func selectors() {
    let other = "{name: wan, select: {address: '0000:03:00.0'}}"
    #expect(
      problems(of: fleet(lan, other, guest: "{name: a, from: lan}")).map(\.short) == [
        "6:21 duplicate-select 5:21"
      ])
    let mac = "{name: x, select: {mac: '52:54:00:AB:00:01'}}"
    let same = "{name: y, select: {mac: '52:54:00:ab:00:01'}}"
    #expect(problems(of: fleet(mac, same, guest: "{name: a, from: x}")).map(\.code) == ["duplicate-select"])
  }

  @Test("refuses a second claim of a NIC, by the same or another guest, with both locations")
  func claims() {
    #expect(
      problems(of: fleet(lan, guest: "{name: a, from: lan}", "{name: b, from: lan}")).map(\.short)
        == ["11:17 double-claim 10:17"])
    let second = """
      \(fleet(pool, guest: "{name: a, from: pool/1}"))
      ---
      {apiVersion: pcipass/v1, kind: Guest, metadata: {name: db}, spec: {host: hv01, nics: [{name: a, from: pool/1}]}}
      """
    let found = problems(of: second)
    #expect(found.map(\.short) == ["13:103 double-claim 10:17"])
    #expect(found.first?.message.names("pool/1", "hv01") == true)
  }

  @Test(
    "refuses two guests with the same libvirt domain or QMP socket",
    arguments: [
      ("libvirt: {domain: web}", "web"), ("qemu: {qmp: /run/a.sock}", "/run/a.sock"),
    ])
  func sameGuest(manager: String, name: String) throws {
    let text = """
      {apiVersion: pcipass/v1, kind: Host, metadata: {name: hv01}, spec: {nics: []}}
      ---
      {apiVersion: pcipass/v1, kind: Guest, metadata: {name: a}, spec: {host: hv01, \(manager), nics: []}}
      ---
      {apiVersion: pcipass/v1, kind: Guest, metadata: {name: b}, spec: {host: hv01, \(manager), nics: []}}
      """
    let problem = try #require(problems(of: text).first)
    #expect(problem.code == "conflict")
    #expect(problem.message.names("a", "b", name))
    #expect(problem.location?.line == 5)
    #expect(problem.related?.line == 3)
  }

  @Test("refuses two guests of a host that pin the same UUID, whatever their domain names")
  func samePin() throws {
    let uuid = "6ad9ee0a-8a3c-4a0c-9d64-0123456789ab"
    func guests(_ one: String, _ other: String, host: String = "hv01") -> [Diagnostic] {
      problems(
        of: """
          {apiVersion: pcipass/v1, kind: Host, metadata: {name: hv01}, spec: {nics: []}}
          ---
          {apiVersion: pcipass/v1, kind: Host, metadata: {name: hv02}, spec: {nics: []}}
          ---
          {apiVersion: pcipass/v1, kind: Guest, metadata: {name: a}, spec: {host: hv01, libvirt: {\(one)}, nics: []}}
          ---
          {apiVersion: pcipass/v1, kind: Guest, metadata: {name: b}, spec: {host: \(host), libvirt: {\(other)}, nics: []}}
          """)
    }
    let found = guests("uuid: \(uuid)", "domain: x, uuid: \(uuid.uppercased())")
    #expect(found.map(\.short) == ["7:106 conflict 5:56"])
    #expect(found.first?.message.names("a", "b", uuid) == true)
    // A guest may be defined on two hosts.
    #expect(guests("uuid: \(uuid)", "uuid: \(uuid)", host: "hv02").isEmpty)
    // The name of a pinned guest need not be the name of its domain.
    #expect(guests("uuid: \(uuid)", "domain: a").isEmpty)
  }

  @Test("refuses a guest on a host that no manifest defines")
  func hosts() {
    func found(_ name: String) -> [Diagnostic] {
      problems(of: fleet(lan, guest: "").replacing("{host: hv01", with: "{host: \(name)"))
    }
    #expect(found("hv0l").map(\.short) == ["9:75 unknown-host"])
    #expect(found("hv0l").first?.help.names("hv01") == true)
    #expect(found("other").first?.help.names("Host") == true)
  }

  @Test(
    "refuses a claim of a NIC that does not exist, and names those that do",
    arguments: [
      ("lann", "lan", "10:17 unknown-nic"), ("storage", "lan, pool", "10:17 unknown-nic"),
      ("pool/4", nil, "10:17 unknown-nic 6:67"), ("lan/0", "virtualFunctions", "10:17 unknown-nic 5:8"),
      ("pool", "pool/0", "10:17 conflict 6:67"),
    ] as [(String, String?, String)])
  func references(from: String, help: String?, short: String) throws {
    let found = problems(of: fleet(lan, pool, guest: "{name: a, from: \(from)}"))
    #expect(found.map(\.short) == [short])
    #expect(found.first?.message.names(String(from.prefix { $0 != "/" })) == true)
    if let help { #expect(found.first?.help.names(help) == true) } else { #expect(found.first?.help == nil) }
  }

  @Test("refuses a claim on a host without NICs, with a help text")
  func emptyHost() {
    let found = problems(of: fleet(guest: "{name: a, from: lan}"))
    #expect(found.map(\.code) == ["unknown-nic"])
    #expect(found.first?.help != nil)
  }

  @Test(
    "refuses a VF setting in the claim of a whole NIC",
    arguments: [
      ("mac: '52:54:00:12:34:56'", "mac"), ("vlan: 7", "vlan"), ("trust: off", "trust"),
      ("spoofCheck: on", "spoofCheck"),
      ("linkState: auto", "linkState"), ("rate: {max: 1}", "rate"), ("as: interface", "as: interface"),
    ])
  func wholeNIC(setting: String, key: String) {
    let found = problems(of: fleet(lan, guest: "{name: a, from: lan, \(setting)}"))
    #expect(found.map(\.short) == ["10:8 conflict"])
    #expect(found.first?.message.names(key, "lan") == true)
  }

  @Test("refuses to reserve a PF that is split into VFs")
  func reserve() {
    let both = pool.replacing("}}", with: "}, reserve: true}")
    #expect(problems(of: fleet(both, guest: "{name: a, from: pool/0}")).map(\.short) == ["5:67 conflict"])
  }

  @Test(
    "refuses a setting that needs libvirt for a QEMU without libvirt",
    arguments: ["as: interface", "bind: on-start", "managed: false"])
  func qemu(setting: String) {
    let text = fleet(pool, guest: "{name: a, from: pool/0, \(setting)}")
      .replacing("{host: hv01,", with: "{host: hv01, qemu: {qmp: /q},")
    let found = problems(of: text)
    #expect(found.map(\.short) == ["10:8 conflict"])
    #expect(found.first?.message.names(setting, "web") == true)
  }

  @Test("refuses a claim whose NIC neither pcipass nor libvirt would bind")
  func unboundNIC() {
    let claim = "{name: a, from: lan, bind: on-start, managed: false}"
    #expect(problems(of: fleet(lan, guest: claim)).map(\.short) == ["10:8 conflict"])
  }

  @Test("refuses the claim of a VF of a NIC with a count of 0")
  func noVirtualFunctions() {
    let none = pool.replacing("count: 4", with: "count: 0")
    let found = problems(of: fleet(lan, none, guest: "{name: a, from: pool/0}"))
    #expect(found.map(\.short) == ["10:17 unknown-nic 6:67"])
    #expect(found.first?.message.names("pool", "0", "pool/0") == true)
    #expect(problems(of: fleet(lan, none, guest: "{name: a, from: lan}")).isEmpty)
  }

  @Test(
    "refuses a VLAN with qos or proto for an interface, as libvirt cannot set them",
    arguments: ["{id: 7, qos: 1}", "{id: 7, proto: 802.1ad}", "{id: 7, qos: 1, proto: 802.1ad}"])
  func interfaceVLAN(vlan: String) {
    let found = problems(of: fleet(pool, guest: "{name: a, from: pool/0, as: interface, vlan: \(vlan)}"))
    #expect(found.map(\.short) == ["10:8 conflict"])
    #expect(found.first?.message.names("qos", "proto") == true)
    #expect(problems(of: fleet(pool, guest: "{name: a, from: pool/0, vlan: \(vlan)}")).isEmpty)
  }

  @Test(
    "accepts a plain VLAN for an interface, in any spelling",
    arguments: ["7", "{id: 7}", "{id: 7, qos: 0, proto: 802.1Q}"])
  func plainInterfaceVLAN(vlan: String) {
    #expect(
      problems(of: fleet(pool, guest: "{name: a, from: pool/0, as: interface, vlan: \(vlan)}")).isEmpty)
  }

  @Test("reports an unknown host only when every document could be read")
  func incomplete() {
    let text = fleet(pool, guest: "{name: a, from: pool/0}", "{name: b, from: pool/0}")
    var loader = Loader()
    loader.read(Source(name: "t.yaml", text: text.replacing("kind: Host", with: "kind: Hots")))
    #expect(loader.diagnostics.map(\.code) == ["bad-value"])
    #expect(
      FleetCheck.diagnostics(of: loader.fleet, isComplete: false).map(\.code) == ["double-claim"])
    #expect(
      FleetCheck.diagnostics(of: loader.fleet).map(\.code) == ["double-claim", "unknown-host"])
  }

  @Test("reports all errors at once")
  func all() {
    let found = problems(
      of: fleet(
        lan, lan, guest: "{name: a, from: lan, vlan: 7}", "{name: a, from: lan}", "{name: b, from: x}"))
    #expect(
      found.map(\.code) == [
        "duplicate-name", "duplicate-select", "duplicate-name", "conflict", "double-claim", "unknown-nic",
      ])
  }

  @Test("takes less than 20 s for 4000 claims of 400 guests")
  func large() {
    let nics = (0..<4000).map { "{name: n\($0), select: {interface: e\($0)}}" }.joined(separator: ",")
    var fleet = Manifests.Fleet(hosts: parsed(host(nic: nics)).hosts)
    for number in 0..<400 {
      let claims = (0..<10).map { "{name: a\($0), from: n\(number * 10 + $0)}" }.joined(separator: ",")
      let text = guest(nic: claims).replacing("name: web", with: "name: g\(number)")
      fleet.guests += parsed(text).guests
    }
    let start = ContinuousClock.now
    #expect(FleetCheck.diagnostics(of: fleet).isEmpty)
    #expect(ContinuousClock.now - start < .seconds(20))
  }

  private func parsed(_ text: String) -> Fleet {
    var loader = Loader()
    loader.read(Source(name: "t.yaml", text: text))
    return loader.fleet
  }
}
