import Documents
import HostModel
import TestSupport
import Testing

@testable import Manifests

@Suite("The meaning of values in manifests")
struct MeaningTests {
  private func nic(_ text: String) throws -> HostNIC {
    try #require(fleet(host(nic: text)).hosts.first?.spec.nics.first)
  }

  @Test("Addresses, MAC addresses and ids need no quotes in block style, unlike in YAML 1.1")
  func colons() throws {
    let text = """
      apiVersion: pcipass/v1
      kind: Host
      metadata:
        name: hv01
      spec:
        nics:
          - name: lan
            select:
              address: 0000:03:00.0
              mac: 52:54:00:12:34:56
            expect:
              id: 8086:1572
      """
    let nic = try #require(fleet(text).hosts.first?.spec.nics.first)
    #expect(nic.select.value.address == PCIAddress("0000:03:00.0"))
    #expect(nic.select.value.mac == MACAddress("52:54:00:12:34:56"))
    #expect(nic.expect?.value.id == PCIID(vendor: 0x8086, device: 0x1572))
  }

  @Test(
    "Ids are hexadecimal, with or without 0x, quotes or letters",
    arguments: ["8086", "0x8086", "'8086'", "\"0x8086\"", "0X8086".lowercased()])
  func ids(text: String) throws {
    let nic = try nic("{name: a, select: {interface: e}, expect: {vendor: \(text), device: 1e3}}")
    #expect(nic.expect?.value.vendor == PCIIDHalf(0x8086))
    #expect(nic.expect?.value.device == PCIIDHalf(0x1E3))
  }

  @Test(
    "Names are text, also where they look like numbers or Booleans",
    arguments: [("12", "12"), ("0", "0"), ("012", "012"), ("0x10", "0x10"), ("on", "on"), ("no", "no")])
  func names(text: String, expected: String) throws {
    #expect(try nic("{name: \(text), select: {interface: \(text)}}").name.value == expected)
    #expect(try nic("{name: \(text), select: {interface: \(text)}}").select.value.interface == expected)
    let claim = fleet(guest(nic: "{name: \(text), from: \(text)}")).guests.first?.spec.nics.first
    #expect(claim?.name.value == expected)
    #expect(claim?.from.value == NICReference(expected))
  }

  @Test(
    "Labels keep their spelling",
    arguments: ["012", "on", "1.5", "1.50", "0x1F", "true", "True", "1e3", "2026-01-01", "-0", "12:30"])
  func labels(text: String) {
    let manifest = """
      {apiVersion: pcipass/v1, kind: Host, metadata: {name: h, labels: {a: \(text)}}, spec: {nics: []}}
      """
    #expect(fleet(manifest).hosts.first?.metadata.labels == ["a": text])
  }

  @Test(
    "on, off, yes and no are Booleans",
    arguments: [("on", true), ("off", false), ("yes", true), ("no", false)])
  func switches(text: String, expected: Bool) throws {
    #expect(try nic("{name: a, select: {interface: e}, reserve: \(text)}").reserve == expected)
  }

  @Test("A VF is named by its PF and its number")
  func references() {
    #expect(NICReference("pool/3")?.nic == "pool")
    #expect(NICReference("pool/3")?.virtualFunction == 3)
    #expect(NICReference("pool")?.virtualFunction == nil)
    #expect(NICReference("pool/any")?.isAny == true)
    let port = NICReference("fast/0000:AF:00.1/7")
    #expect(port == NICReference(nic: "fast/0000:af:00.1", virtualFunction: 7))
    #expect(port?.entry == "fast" && port?.port == "0000:af:00.1")
    #expect(NICReference("fast/0000:af:00.1")?.virtualFunction == nil)
    #expect(NICReference("fast/1/any") == NICReference(nic: "fast/1", isAny: true))
    for text in [
      "pool/", "/3", "pool/03", "pool/256", "pool/-1", "pool/+1", "pool/1/2/3", "pool/03:00.0", "pool/any/1",
      "pool/1/any/2", "pool/x/1", "", "po ol", "pool/3\n",
    ] {
      #expect(NICReference(text) == nil)
    }
  }

  @Test("A guest is the libvirt domain of the same name by default")
  func managers() {
    func manager(_ keys: String) -> GuestManager? {
      let text = """
        {apiVersion: pcipass/v1, kind: Guest, metadata: {name: web}, spec: {host: h, nics: []\(keys)}}
        """
      return fleet(text).guests.first?.manager
    }
    #expect(manager("") == .libvirt(domain: "web"))
    #expect(manager(", libvirt: {}") == .libvirt(domain: "web"))
    #expect(manager(", libvirt: {domain: W}") == .libvirt(domain: "W"))
    #expect(manager(", qemu: {qmp: /q}") == .qemu(socket: "/q"))
  }

  @Test("A UUID pins the domain, in either case; another value is an error with its location")
  func pins() {
    func text(_ uuid: String) -> String {
      "{apiVersion: pcipass/v1, kind: Guest, metadata: {name: web}, "
        + "spec: {host: h, libvirt: {uuid: '\(uuid)'}, nics: []}}"
    }
    let uuid = "6ad9ee0a-8a3c-4a0c-9d64-0123456789ab"
    #expect(fleet(text(uuid)).guests.first?.pin == uuid)
    #expect(fleet(text(uuid.uppercased())).guests.first?.pin == uuid)
    for wrong in ["", "web", "6ad9ee0a8a3c4a0c9d640123456789ab", uuid + "0", "{\(uuid)}"] {
      let found = problems(of: text(wrong))
      #expect(found.map(\.code) == ["bad-value"])
      #expect(found.first?.location?.line == 1 && found.first?.help?.names("virsh domuuid") == true)
    }
  }

  @Test("A key that is left out has its default")
  func defaults() throws {
    let claim = try #require(fleet(guest(nic: "{name: a, from: b}")).guests.first?.spec.nics.first)
    #expect(claim.bind == .now && claim.device == .hostdev && claim.managed && claim.hotplug)
    #expect(claim.settings.firstKey == nil)
    let nic = try nic("{name: a, select: {interface: e}}")
    #expect(!nic.reserve && nic.driver == nil && nic.allow.isEmpty && nic.virtualFunctions == nil)
    #expect(fleet(host(nic: "{name: a, select: {interface: e}}")).hosts.first?.spec.driver == nil)
  }

  @Test(
    "The error for a value or key that is nearly right suggests the right form",
    arguments: [
      ("{address: '03:00.0'}", "0000:03:00.0"), ("{address: pci_0000_03_00_0}", "0000:03:00.0"),
      ("{mac: 52-54-00-12-34-56}", "52:54:00:12:34:56"), ("{mac: 5254.0012.3456}", "52:54:00:12:34:56"),
      ("{path: '/sys/devices/pci0000:00/0000:00:07.0'}", "/sys/devices/"),
      ("{adress: '0000:03:00.0', mac: '52:54:00:12:34:56'}", "address"),
    ])
  func help(select: String, value: String) {
    let found = problems(of: host(nic: "{name: a, select: \(select)}"))
    #expect(found.count == 1)
    #expect(found.first?.help?.names(value) == true)
  }
}
