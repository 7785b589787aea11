import Documents
import HostModel
import TestSupport
import Testing

@testable import Hosts

@Suite("Editing a domain XML")
struct DomainEditTests {
  private let lan = Hostdev(address: pci("0000:03:00.0"), alias: "ua-pcipass-lan", isManaged: true)
  private let dmz = Hostdev(address: pci("0000:02:00.0"), alias: "ua-pcipass-dmz", isManaged: false)

  private func edited(_ text: String, _ hostdevs: Hostdev...) throws -> String {
    String(
      decoding: try DomainEdit.document(Array(text.utf8), name: "a.xml", having: hostdevs), as: UTF8.self)
  }

  private static let plain = """
    <!-- kept in git -->
    <domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
      <name>a</name>
      <devices>
        <emulator>/usr/bin/qemu</emulator>
        <disk   type="file" /><!-- odd, and kept -->
      </devices>
      <description><![CDATA[a < b]]></description>
      <qemu:commandline>
        <qemu:arg value='-s'/>
      </qemu:commandline>
    </domain>

    """

  @Test("A hostdev is added after the last device, in the document's indentation")
  func added() throws {
    let expected = Self.plain.replacing(
      "<!-- odd, and kept -->\n",
      with: """
        <!-- odd, and kept -->
            <hostdev mode='subsystem' type='pci' managed='yes'>
              <source>
                <address domain='0x0000' bus='0x03' slot='0x00' function='0x0'/>
              </source>
              <alias name='ua-pcipass-lan'/>
            </hostdev>

        """)
    #expect(try edited(Self.plain, lan) == expected)
  }

  @Test(
    "Adding and removing devices gives the original bytes",
    arguments: [
      plain, plain.replacing("\n", with: "\r\n"), plain.replacing("    ", with: "\t"),
      "\u{FEFF}" + plain, plain.replacing("<name>a</name>", with: "<name>日本語 é</name>"),
    ])
  func thereAndBack(text: String) throws {
    let there = try edited(text, lan, dmz)
    #expect(try edited(there, lan, dmz) == there)
    #expect(Array(try edited(there).utf8) == Array(text.utf8))
    #expect(Array(try edited(edited(there, dmz)).utf8) == Array(text.utf8))
  }

  @Test("The encoding of a document is kept", arguments: ["ISO-8859-1", "UTF-16"])
  func encodings(name: String) throws {
    let text = "<?xml version='1.0' encoding='\(name)'?>\n" + Self.plain.replacing("kept", with: "gardé")
    let bytes: [UInt8] =
      name == "UTF-16"
      ? [0xFF, 0xFE] + text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
      : text.unicodeScalars.map { UInt8($0.value) }
    let there = try DomainEdit.document(bytes, name: "a.xml", having: [lan])
    #expect(there.count > bytes.count)
    #expect(try DomainEdit.document(there, name: "a.xml", having: []) == bytes)
  }

  @Test("A device of another tool stays; if it is claimed, it gets the alias and keeps the rest")
  func adopted() throws {
    let text = """
      <domain>
        <devices>
          <hostdev type='pci' mode='subsystem'>
            <source><address bus='0x03' slot='0x00'/></source>
            <rom bar='off'/> <!-- it hangs otherwise -->
          </hostdev>
          <hostdev mode='subsystem' type='pci' managed='yes'>
            <source><address bus='0x07' slot='0x00'/></source>
          </hostdev>
        </devices>
      </domain>
      """
    let expected = text.replacing(
      "<hostdev type", with: "<hostdev managed='yes' type"
    ).replacing("<rom bar='off'/>", with: "<rom bar='off'/>\n      <alias name='ua-pcipass-lan'/>")
    #expect(try edited(text, lan) == expected)
  }

  @Test(
    "A guest address stays as it is written when the alias changes",
    arguments: [
      "<address type='unassigned'/>", "<address type='pci' bus='0x01' slot='0x00' multifunction='on'/>",
    ])
  func place(address: String) throws {
    let text = """
      <domain>
        <devices>
          <hostdev mode='subsystem' type='pci' managed='yes'>
            <source><address bus='0x03' slot='0x00'/></source>
            \(address)
          </hostdev>
        </devices>
      </domain>
      """
    let expected = text.replacing(address, with: address + "\n      <alias name='ua-pcipass-lan'/>")
    #expect(try edited(text, lan) == expected)
  }

  @Test("A changed alias or managed attribute is changed in place")
  func changed() throws {
    var other = lan
    (other.alias, other.isManaged) = ("ua-pcipass-uplink", false)
    let there = try edited(Self.plain, lan)
    let expected = there.replacing("ua-pcipass-lan", with: "ua-pcipass-uplink")
      .replacing("managed='yes'", with: "managed='no'")
    #expect(try edited(there, other) == expected)
  }

  @Test("A changed MAC address or VLAN of an interface is changed in place")
  func interface() throws {
    let pool = Hostdev(
      address: pci("0000:07:00.0"), alias: "ua-pcipass-pool", isManaged: true, device: .interface,
      mac: MACAddress("52:54:00:00:00:07"), vlan: 7)
    var other = pool
    (other.mac, other.vlan) = (MACAddress("52:54:00:00:00:08"), 8)
    let there = try edited(Self.plain, pool)
    #expect(try edited(there, other) == edited(Self.plain, other))
    // A MAC address that no manifest sets is libvirt's choice, and stays.
    (other.mac, other.vlan) = (nil, nil)
    let bare = try edited(there, other)
    #expect(bare.contains("<mac address='52:54:00:00:00:07'/>") && !bare.contains("vlan"))
  }

  @Test("A NIC that is now another function replaces the old one in place")
  func moved() throws {
    var other = lan
    other.address = pci("0000:05:00.0")
    #expect(try edited(edited(Self.plain, lan), other) == edited(Self.plain, other))
  }

  @Test("An empty <devices/> and a document on one line are edited")
  func short() throws {
    let empty = try edited("<domain>\n  <devices/>\n</domain>", lan)
    #expect(
      empty.contains("<devices>\n    <hostdev ") && empty.contains("</hostdev>\n  </devices>\n</domain>"))
    let line = try edited("<domain><devices><disk/></devices></domain>", lan)
    #expect(try DomainXML(Array(line.utf8), of: "a").hostdevs == [lan])
  }

  @Test(
    "A document that is not a domain is refused",
    arguments: [
      "", "<network/>", "<domain/>", "<domain><devices></domain>",
      "<!DOCTYPE domain><domain><devices/></domain>",
      "<domain>&x;<devices/></domain>", "\u{0}",
    ])
  func refused(text: String) {
    #expect(throws: Diagnostics.self) { try edited(text, lan) }
  }
}

@Suite("The XML of a hostdev")
struct HostdevXMLTests {
  private func read(_ text: String) throws -> Hostdev? { try DomainXML(domain(text), of: "a").hostdevs.first }

  @Test("is decoded to the same hostdev", arguments: [nil, "0000:01:00.0"])
  func roundTrip(place: String?) throws {
    let hostdev = Hostdev(
      address: pci("10000:e1:00.3"), alias: "ua-pcipass-lan", isManaged: false, guestAddress: place.map(pci))
    #expect(try read(hostdev.libvirtXML()) == hostdev)
  }

  @Test("keeps other elements, with the new alias and guest address")
  func element() throws {
    let text =
      "<hostdev mode='subsystem' type='pci' managed='no'><source><address bus='0x03' slot='0x00'/></source><boot order='1'/></hostdev>"
    var hostdev = try #require(try read(text))
    (hostdev.alias, hostdev.isManaged, hostdev.guestAddress) = ("ua-x", true, pci("0000:01:00.0"))
    let written = try hostdev.libvirtXML()
    #expect(written.contains("<boot order='1'/>"))
    let again = try #require(try read(written))
    #expect(again.isSame(inLibvirt: hostdev) && again.guestAddress == hostdev.guestAddress)
    #expect(again.element == written)
  }

  @Test(
    "is refused where the kept element is another device",
    arguments: [
      "<disk type='file'/>", "<hostdev mode='subsystem' type='usb'/>", "",
      "<hostdev mode='subsystem' type='pci'><source><address bus='0x04' slot='0x00'/></source></hostdev>",
      "<interface type='hostdev'><source><address type='pci' bus='0x03' slot='0x00'/></source></interface>",
      "<hostdev mode='subsystem' type='pci'><source><address bus='0x03' slot='0x00'/></source></hostdev><disk/>",
    ])
  func hostile(element: String) {
    let hostdev = Hostdev(
      address: pci("0000:03:00.0"), alias: nil, isManaged: true, element: element)
    #expect(throws: Diagnostics.self) { try hostdev.libvirtXML() }
  }
}
