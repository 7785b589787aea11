import Documents
import HostModel
import TestSupport
import Testing

@testable import Hosts

/// What libvirt accepts, as measured in docs/host-behaviour.md.
@Suite("A hostdev in any of libvirt's spellings")
struct SpellingTests {
  private func hostdevs(_ devices: String) throws -> [Hostdev] {
    try DomainXML(domain(devices), of: "a").hostdevs
  }

  private func address(_ attributes: String) throws -> PCIAddress? {
    try hostdevs("<hostdev type='pci'><source><address \(attributes)/></source></hostdev>").first?.address
  }

  @Test(
    "Numbers may have any base, and a missing number is 0",
    arguments: [
      ("bus='3'", "0000:03:00.0"), ("bus='0x03' slot='0x00'", "0000:03:00.0"),
      ("slot='0x10'", "0000:00:10.0"),
      ("function='1'", "0000:00:00.1"), ("", "0000:00:00.0"), ("domain='0x10000' bus='3'", "10000:03:00.0"),
      ("bus='010'", "0000:08:00.0"), ("bus='0X1F' slot='0X1f' function='07'", "0000:1f:1f.7"),
      ("bus=' 3'", "0000:03:00.0"), ("bus='+3'", "0000:03:00.0"), ("bus='0b11'", "0000:03:00.0"),
      ("type='usb' bus='3' more='1'", "0000:03:00.0"), ("domain='0xffffffff' bus='3'", "ffffffff:03:00.0"),
    ])
  func taken(attributes: String, address: String) throws {
    #expect(try self.address(attributes) == PCIAddress(address))
  }

  @Test(
    "An address that libvirt refuses is not read, and an edit reports it with its location",
    arguments: [
      "bus='3 '", "bus='-3'", "bus='08'", "bus='0x'", "bus=''", "bus='3' slot='32'", "bus='256'",
      "bus='3' function='8'", "domain='0x100000000' bus='3'", "bus='++3'", "bus='0x+3'", "bus='0x0x3'",
      "bus='３'",
    ])
  func refused(attributes: String) throws {
    #expect(try address(attributes) == nil)
    let text = domain("<hostdev type='pci'><source>\n<address \(attributes)/></source></hostdev>")
    let error = #expect(throws: Diagnostics.self) {
      try DomainEdit.document(text, name: "a.xml", having: [])
    }?.all.first
    #expect(error?.code == "xml" && error?.location?.description.hasPrefix("a.xml:5:1") ?? false)
  }

  @Test("Mode and address are optional, only managed='yes' is yes, and the first source counts")
  func defaults() throws {
    let source = "<source><address bus='3'/></source>"
    let zero = pci("0000:00:00.0")
    #expect(try hostdevs("<hostdev type='pci'><source/></hostdev>").map(\.address) == [zero])
    for managed in ["true", "YES", "", "no"] {
      #expect(
        try hostdevs("<hostdev type='pci' managed='\(managed)'>\(source)</hostdev>").map(\.isManaged) == [
          false
        ])
    }
    let two = "<hostdev type='pci'>\(source)<source><address bus='2'/></source></hostdev>"
    #expect(try hostdevs(two).map(\.address) == [pci("0000:03:00.0")])
  }

  @Test(
    "A guest address without bus and slot is left out", arguments: ["", "function='3'", "bus='0'"])
  func unassigned(attributes: String) throws {
    let device =
      "<hostdev type='pci'><source><address bus='3'/></source><address type='pci' \(attributes)/></hostdev>"
    #expect(try hostdevs(device).map(\.guestAddress) == [nil])
  }

  /// PCIPASS_SOAK=N tries N times as many.
  @Test(
    "Any spelling is read as libvirt would print it, and render adds only the alias")
  func random() throws {
    for seed in 0..<(2000 * soak) {
      var dice = Dice(seed: UInt64(seed))
      let address = try #require(
        PCIAddress(
          domain: .random(in: 0...0x1_0000, using: &dice), bus: .random(in: 0...255, using: &dice),
          device: .random(in: 0...31, using: &dice), function: .random(in: 0...7, using: &dice)))
      let isManaged = Bool.random(using: &dice)
      let element = Self.spelled(address, isManaged, &dice)
      let plain = Hostdev(address: address, alias: nil, isManaged: isManaged)
      let found = try hostdevs(element)
      #expect(found == [plain], "seed \(seed): \(element)")
      #expect(try hostdevs(plain.libvirtXML()) == found)
      var marked = plain
      marked.alias = "ua-pcipass-lan"
      let edited = try DomainEdit.document(domain(element), name: "a", having: [marked])
      #expect(try DomainXML(edited, of: "a").hostdevs == [marked], "seed \(seed): \(element)")
      #expect(try DomainEdit.document(edited, name: "a", having: [marked]) == edited)
    }
  }

  private static func spelled(_ address: PCIAddress, _ isManaged: Bool, _ dice: inout Dice) -> String {
    func number(_ value: UInt32) -> String {
      let (radix, prefix) =
        [(10, ""), (16, "0x"), (16, "0X"), (8, "0"), (2, "0b")].randomElement(using: &dice) ?? (10, "")
      let digits = String(value, radix: radix, uppercase: .random(using: &dice))
      let zeros = radix == 10 ? "" : String(repeating: "0", count: .random(in: 0...3, using: &dice))
      return (["", " ", "+", "  +"].randomElement(using: &dice) ?? "") + prefix + zeros + digits
    }
    let parts: [(String, UInt32)] = [
      ("domain", address.domain), ("bus", UInt32(address.bus)), ("slot", UInt32(address.device)),
      ("function", UInt32(address.function)),
    ]
    let written = parts.filter { $0.1 != 0 || Bool.random(using: &dice) }.shuffled(using: &dice)
      .map { "\($0.0)='\(number($0.1))'" }
    let mode = Bool.random(using: &dice) ? " mode='subsystem'" : ""
    let managed = isManaged ? " managed='yes'" : Bool.random(using: &dice) ? " managed='no'" : ""
    return
      "<hostdev type='pci'\(managed)\(mode)><source><address \(written.joined(separator: " "))/></source></hostdev>"
  }
}

@Suite("The editor of a domain XML")
struct DomainConflictTests {
  private let lan = Hostdev(address: pci("0000:03:00.0"), alias: "ua-pcipass-lan", isManaged: true)

  private func edit(_ text: [UInt8], _ hostdevs: [Hostdev], _ identity: DomainIdentity? = nil) -> Diagnostic?
  {
    do throws(Diagnostics) {
      _ = try DomainEdit.document(text, name: "a.xml", having: hostdevs, of: identity)
      return nil
    } catch { return error.all.first }
  }

  @Test("refuses the alias of a NIC on another device, with its location")
  func alias() {
    let devices = [
      "<disk type='file'><alias name='ua-pcipass-lan'/></disk>",
      "<interface type='bridge'><alias name='ua-pcipass-lan'/></interface>",
      "<hostdev type='usb'><alias name='ua-pcipass-lan'/></hostdev>",
    ]
    for device in devices {
      let error = edit(domain(device), [lan])
      #expect(error?.code == "alias" && error?.location?.description.hasPrefix("a.xml:4:") ?? false)
    }
    #expect(edit(domain(devices[0]), []) == nil)
  }

  @Test("accepts the alias of a NIC if the same edit removes or renames the other device")
  func aliasThatGoes() throws {
    func hostdev(_ bus: Int, _ alias: String) -> String {
      "<hostdev type='pci'><source><address bus='\(bus)'/></source><alias name='\(alias)'/></hostdev>"
    }
    let moved = try DomainEdit.document(domain(hostdev(2, "ua-pcipass-lan")), name: "a", having: [lan])
    #expect(try DomainXML(moved, of: "a").hostdevs.map(\.address) == [lan.address])
    let dmz = Hostdev(address: pci("0000:02:00.0"), alias: "ua-pcipass-dmz", isManaged: true)
    let swapped = domain(hostdev(2, "ua-pcipass-lan") + hostdev(3, "ua-pcipass-dmz"))
    let result = try DomainXML(DomainEdit.document(swapped, name: "a", having: [lan, dmz]), of: "a").hostdevs
    #expect(result.map(\.alias) == ["ua-pcipass-dmz", "ua-pcipass-lan"])
  }

  @Test("refuses the alias of another tool, unless the manifest allows its replacement")
  func otherTool() throws {
    let text = domain(
      "<hostdev type='pci'><source><address bus='3'/></source><alias name='ua-tool-net0'/></hostdev>")
    let error = edit(text, [lan])
    #expect(error?.code == "ownership" && error?.location?.description.hasPrefix("a.xml:4:") ?? false)
    let allowed = try DomainEdit.document(
      text, name: "a", having: [lan], replacingAliasesOf: [lan.address])
    #expect(try DomainXML(allowed, of: "a").hostdevs.map(\.alias) == ["ua-pcipass-lan"])
  }

  @Test("refuses a NIC that a QEMU argument already assigns to the guest")
  func argument() {
    let text = Array(
      """
      <domain xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'><devices/>
      <q:commandline><q:arg value='-device'/>
      <q:arg value='vfio-pci,host=03:00.0,id=nic0'/></q:commandline></domain>
      """.utf8)
    let error = edit(text, [lan])
    #expect(error?.code == "ownership" && error?.location?.description.hasPrefix("a.xml:3:") ?? false)
    #expect(
      edit(text, [Hostdev(address: pci("0000:02:00.0"), alias: "ua-pcipass-a", isManaged: true)]) == nil)
  }

  @Test("refuses a claimed NIC that the XML has twice")
  func twice() {
    let one = "<hostdev type='pci'><source><address bus='3'/></source></hostdev>"
    #expect(edit(domain(one + one), [lan])?.code == "xml" && edit(domain(one + one), []) == nil)
  }

  @Test("refuses a domain with another name or UUID; a missing name or UUID matches")
  func otherDomain() {
    let uuid = "6ad9ee0a-8a3c-4a0c-9d64-0123456789ab"
    func xml(_ parts: String) -> [UInt8] { Array("<domain>\(parts)<devices/></domain>".utf8) }
    func code(_ parts: String, name: String? = "a", pin: String? = nil, domains: [String: String] = [:])
      -> String?
    {
      edit(
        xml(parts), [lan],
        DomainIdentity(
          guest: "a", name: name.map { Located($0) }, uuid: pin.map { Located($0) }, domains: domains)
      )?.code
    }
    #expect(code("<name>a</name>") == nil && code("") == nil)
    #expect(code("<name>b</name>") == "other-domain" && code("<name>a </name>") == "other-domain")
    #expect(code("<name>b</name>", name: nil, pin: uuid) == nil)
    for spelling in [uuid, uuid.uppercased(), " \(uuid)\n", uuid.replacing("-", with: "")] {
      #expect(code("<name>a</name><uuid>\(spelling)</uuid>", pin: uuid) == nil, "\(spelling)")
    }
    let other = "<uuid>7ad9ee0a-8a3c-4a0c-9d64-0123456789ab</uuid>"
    #expect(code(other, pin: uuid) == "other-domain" && code(other) == nil)
    #expect(code(other, domains: ["7ad9ee0a-8a3c-4a0c-9d64-0123456789ab": "b"]) == "other-domain")
    #expect(code(other, domains: ["7ad9ee0a-8a3c-4a0c-9d64-0123456789ab": "a"]) == nil)
  }
}
