import Documents
import HostModel
import TestSupport
import Testing

@testable import Hosts

@Suite("An interface of type hostdev")
struct InterfaceXMLTests {
  private let hostdev = Hostdev(
    address: pci("0000:03:10.0"), alias: "ua-pcipass-x", isManaged: true, device: .interface,
    mac: MACAddress("52:54:00:6b:3c:59"), vlan: 130)

  private func read(_ text: String) throws -> Hostdev? { try DomainXML(domain(text), of: "a").hostdevs.first }

  private func edited(_ text: String, _ hostdevs: Hostdev...) throws -> String {
    String(
      decoding: try DomainEdit.document(domain(text), name: "a.xml", having: hostdevs), as: UTF8.self)
  }

  private func whole(_ text: String) -> String { String(decoding: domain(text), as: UTF8.self) }

  /// An interface of a running guest, as libvirt 11.3 prints it.
  private static let printed = """
        <interface type='hostdev' managed='yes'>
          <mac address='52:54:00:6b:3c:59'/>
          <driver name='vfio'/>
          <source>
            <address type='pci' domain='0x0000' bus='0x03' slot='0x10' function='0x0'/>
          </source>
          <vlan>
            <tag id='130'/>
          </vlan>
          <alias name='ua-pcipass-x'/>
          <address type='pci' domain='0x0000' bus='0x01' slot='0x00' function='0x0'/>
        </interface>
    """

  @Test("is read completely from what libvirt prints, with its MAC address and VLAN")
  func printed() throws {
    var expected = hostdev
    (expected.guestAddress, expected.driver) = (pci("0000:01:00.0"), "vfio")
    #expect(try read(Self.printed) == expected)
  }

  @Test(
    "is read as it was written", arguments: [nil, 130], [nil, "52:54:00:6b:3c:59"])
  func roundTrip(vlan: Int?, mac: String?) throws {
    var device = hostdev
    (device.vlan, device.mac) = (vlan, mac.flatMap { MACAddress($0) })
    let text = try device.libvirtXML()
    #expect(text.contains("<mac") == (mac != nil) && text.contains("<vlan>") == (vlan != nil))
    #expect(try read(text) == device)
  }

  @Test("is written in libvirt's order")
  func written() throws {
    #expect(
      try hostdev.libvirtXML() == """
        <interface type='hostdev' managed='yes'>
          <mac address='52:54:00:6b:3c:59'/>
          <source>
            <address type='pci' domain='0x0000' bus='0x03' slot='0x10' function='0x0'/>
          </source>
          <vlan><tag id='130'/></vlan>
          <alias name='ua-pcipass-x'/>
        </interface>
        """)
  }

  @Test(
    "keeps a VLAN that is a trunk or invalid as it is written",
    arguments: [
      "<vlan trunk='yes'><tag id='7'/><tag id='8'/></vlan>", "<vlan><tag id='7'/><tag id='8'/></vlan>",
      "<vlan><tag id='5000'/></vlan>", "<vlan><tag id='x'/></vlan>", "<vlan/>", "<vlan><tag/></vlan>",
    ])
  func trunk(vlan: String) throws {
    let element =
      "<interface type='hostdev'>\(vlan)<source><address type='pci' bus='0x03' slot='0x10'/></source></interface>"
    let found = try #require(try read(element))
    #expect(found.vlan == nil && found.element == element)
  }

  @Test("has no MAC address if the written one is invalid")
  func badMAC() throws {
    let element =
      "<interface type='hostdev'><mac address='x'/><source><address type='pci' bus='0x03' slot='0x10'/></source></interface>"
    #expect(try #require(try read(element)).mac == nil)
  }

  @Test("stays byte for byte where nothing has to change, in any spelling")
  func untouched() throws {
    let text = """
          <interface managed="yes" type='hostdev'>
            <mac  address="52:54:00:6b:3c:59" type='static'/>
            <source><address type='pci' bus='3' slot='16'/></source><!-- kept -->
            <boot order='1'/>
            <vlan><tag id="130" nativeMode='tagged'/></vlan>
            <alias name = 'ua-pcipass-x'/>
            <address type='pci' bus='0x01' slot='0x00' multifunction='on'/>
          </interface>
      """
    #expect(try edited(text, hostdev) == whole(text))
  }

  @Test("keeps MAC address, VLAN, boot order and guest address when its alias changes")
  func renamed() throws {
    let text = """
          <interface managed="yes" type='hostdev'>
            <mac  address="52:54:00:6b:3c:59" type='static'/>
            <source><address type='pci' bus='3' slot='16'/></source>
            <boot order='1'/>
            <vlan><tag id="130" nativeMode='tagged'/></vlan>
            <alias name='ua-pcipass-other'/>
            <address type='pci' bus='0x01' slot='0x00' multifunction='on'/>
          </interface>
      """
    #expect(try edited(text, hostdev) == whole(text.replacing("ua-pcipass-other", with: "ua-pcipass-x")))
  }

  @Test("has a changed MAC address and VLAN changed in place")
  func changed() throws {
    var other = hostdev
    (other.mac, other.vlan) = (MACAddress("52:54:00:00:00:02"), 7)
    let expected = Self.printed.replacing("52:54:00:6b:3c:59", with: "52:54:00:00:00:02")
      .replacing(/<vlan>[^^]*<\/vlan>/, with: "<vlan><tag id='7'/></vlan>")
    #expect(try edited(Self.printed, other) == whole(expected))
  }

  @Test("loses a VLAN that is no longer set, with its line")
  func vlanRemoved() throws {
    var other = hostdev
    other.vlan = nil
    let expected = Self.printed.replacing(/\n *<vlan>[^^]*<\/vlan>/, with: "")
    #expect(try edited(Self.printed, other) == whole(expected))
  }

  @Test("keeps a trunk where no VLAN is set")
  func trunkStays() throws {
    var other = hostdev
    other.vlan = nil
    let text = Self.printed.replacing("<tag id='130'/>", with: "<tag id='7'/><tag id='8'/>")
    #expect(try edited(text, other) == whole(text))
  }

  @Test("gets a MAC address where it has none")
  func macAdded() throws {
    let text = Self.printed.replacing(#/\ *<mac.*\n/#, with: "")
    #expect(try DomainXML(Array(edited(text, hostdev).utf8), of: "a").hostdevs.first?.mac == hostdev.mac)
  }

  @Test("is replaced by a hostdev at the same guest address, and the other way round")
  func kind() throws {
    var interface = hostdev
    interface.guestAddress = try #require(try read(Self.printed)?.guestAddress)
    var plain = interface
    (plain.device, plain.mac, plain.vlan) = (.hostdev, nil, nil)
    let asHostdev = try edited(Self.printed, plain)
    #expect(!asHostdev.contains("<interface"))
    #expect(try DomainXML(Array(asHostdev.utf8), of: "a").hostdevs == [plain])
    let again = try DomainEdit.document(Array(asHostdev.utf8), name: "a.xml", having: [hostdev])
    #expect(try DomainXML(again, of: "a").hostdevs == [interface])
  }

  @Test("is plugged in with its boot order and without a guest address")
  func element() throws {
    var device = try #require(
      try read(Self.printed.replacing("<driver name='vfio'/>", with: "<boot order='1'/>")))
    (device.guestAddress, device.mac, device.vlan) = (nil, MACAddress("52:54:00:00:00:02"), 7)
    let text = try device.libvirtXML()
    #expect(text.contains("<boot order='1'/>") && !text.contains("bus='0x01'"))
    let found = try #require(try read(text))
    #expect(found.mac == device.mac && found.vlan == 7 && found.guestAddress == nil)
  }

  @Test("is removed if no claim names it and pcipass added it; others stay")
  func removed() throws {
    #expect(try edited(Self.printed) == whole("").replacing("<devices>\n\n", with: "<devices>\n"))
    let other = Self.printed.replacing("ua-pcipass-x", with: "ua-mine")
    #expect(try edited(other) == whole(other))
  }
}
