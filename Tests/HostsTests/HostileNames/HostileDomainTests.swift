import Documents
import HostModel
import TestSupport
import Testing

@testable import Hosts

@Suite("Hostile names in libvirt's XML")
struct HostileDomainTests {
  private static let source =
    "<source><address domain='0x0000' bus='0x03' slot='0x00' function='0x0'/></source>"

  @Test(
    "A hostile name stays data, and never changes which device is written",
    arguments: HostileNames.all)
  func names(name: String) throws {
    guard let value = xmlEscaped(name, for: .attribute), let text = xmlEscaped(name, for: .characterData)
    else {
      return
    }
    let strange = "<hostdev type='pci'><source><address bus='\(value)' slot='0'/></source></hostdev>"
    let domain = """
      <domain type='\(value)'>
        <name>\(text)</name>
        <devices>
          <hostdev mode='subsystem' type='pci' managed='\(value)'>
            <driver name='\(value)' model="\(value)"/>
            \(Self.source)
            <alias name='\(value)'/>
            <rom file='\(value)'/>
          </hostdev>
          <interface type='hostdev' managed='\(value)'>
            <mac address='\(value)'/>
            <source><address type='pci' bus='5' slot='0' x='\(value)'/></source>
            <vlan><tag id='\(value)'/></vlan>
          </interface>
          \(strange)
        </devices>
      </domain>
      """
    let found = try DomainXML(Array(domain.utf8), of: name).hostdevs
    #expect(found.map(\.address).prefix(2) == [pci("0000:03:00.0"), pci("0000:05:00.0")])
    for hostdev in found {
      #expect(hostdev.alias.map { isAlias($0) } ?? true)
      #expect(hostdev.driver.map { isFileName($0) } ?? true)
      var moved = hostdev
      moved.alias = "ua-pcipass-lan"
      moved.isManaged = true
      let again = try self.hostdevs(in: moved.libvirtXML())
      #expect(again.count == 1 && again[0].address == hostdev.address && again[0].alias == moved.alias)
    }
    let element = try XMLReader.document(of: Source(name: "", text: try found[0].libvirtXML()))
    #expect(element.first("rom")?[attribute: "file"].map { Array($0.utf8) } == Array(name.utf8))
    let wanted = Hostdev(address: pci("0000:03:00.0"), alias: "ua-pcipass-lan", isManaged: true)
    // An invalid address is an error where the XML is edited, and is not a device where it is read.
    if found.count == 2 {
      #expect(throws: Diagnostics.self) {
        try DomainEdit.document(Array(domain.utf8), name: name, having: [wanted])
      }
    }
    let rest = Array(domain.replacing(strange, with: "").utf8)
    let edited = try DomainEdit.document(rest, name: name, having: [wanted])
    let root = try XMLReader.document(of: Source(name: "", text: edited))
    #expect(root.elements.map(\.name) == ["name", "devices"])
    #expect(root.first("devices")?.elements.map(\.name) == ["hostdev", "interface"])
    #expect(root.first("name").map { Array($0.text.utf8) } == Array(name.utf8))
  }

  @Test("A hostile name is refused as the kept XML of a device", arguments: HostileNames.all)
  func elements(name: String) {
    #expect(throws: Diagnostics.self) { try device(name).libvirtXML() }
    #expect(throws: Diagnostics.self) { try device("<hostdev \(name)>\(Self.source)</hostdev>").libvirtXML() }
  }

  @Test(
    "Kept XML is refused if any libvirt may read it as another device, or as several",
    arguments: [
      "<hostdev mode='subsystem' type='pci'><source><address bus='4' slot='0'/></source></hostdev>",
      "<hostdev mode='subsystem' type='pci'>\(source)<source><address bus='4' slot='0'/></source></hostdev>",
      "<hostdev mode='subsystem' type='pci'>\(source.replacing("/></", with: "/><address bus='4' slot='0'/></"))</hostdev>",
      "<hostdev mode='subsystem' type='pci'>"
        + source.replacing("/></", with: "/><q:address xmlns:q='urn:q' bus='4' slot='0'/></") + "</hostdev>",
      "<hostdev mode='subsystem' type='pci'><q:source xmlns:q='urn:q'><address bus='4' slot='0'/></q:source>\(source)</hostdev>",
      "<hostdev mode='subsystem' type='pci' xmlns:q='urn:q'>\(source.replacing("bus=", with: "q:bus='4' bus="))</hostdev>",
      "<hostdev mode='subsystem' type='pci' xmlns='urn:q'>\(source)</hostdev>",
      "<q:hostdev mode='subsystem' type='pci' xmlns:q='urn:q'>\(source)</q:hostdev>",
      "<hostdev mode='subsystem' type='pci'>\(source)<alias name='ua-pcipass-lan'/><alias name='x'/></hostdev>",
      "<hostdev mode='subsystem' type='pci'>\(source)<driver name='vfio'/><driver name='xen'/></hostdev>",
      "<hostdev mode='subsystem' type='pci'>\(source)</hostdev><hostdev/>",
      "<hostdev mode='subsystem' type='usb'>\(source)</hostdev>", "<hostdev type='usb'>\(source)</hostdev>",
      "<hostdev mode='capabilities' type='pci'>\(source)</hostdev>",
      "<interface type='hostdev'>\(source)</interface>", "<disk type='file'>\(source)</disk>",
      "<domain><devices><hostdev mode='subsystem' type='pci'>\(source)</hostdev></devices></domain>",
      "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><hostdev mode='subsystem' type='pci'>\(source)&e;</hostdev>",
      "<hostdev mode='subsystem' type='pci'>&e;\(source)</hostdev>",
      "<hostdev mode='subsystem' type='pci' type='usb'>\(source)</hostdev>",
      "<hostdev mode='subsystem' type='pci'/>", "<hostdev mode='subsystem' type='pci'>\(source)",
      "<hostdev mode='subsystem' type='pci'>\(source.replacing("0x03", with: "0x03 "))</hostdev>",
      "<hostdev mode='subsystem' type='pci'>\(source.replacing("0x03", with: "-0xfd"))</hostdev>",
      "<hostdev mode='subsystem' type='pci'>\(source.replacing("0x03", with: "0x100000003"))</hostdev>",
    ])
  func otherDevices(element: String) {
    #expect(throws: Diagnostics.self) { try device(element).libvirtXML() }
  }

  @Test("Other elements that libvirt prints for a device are kept")
  func kept() throws {
    let more =
      "<rom bar='on' file='/srv/rom.bin'/><boot order='1'/><acpi index='7'/><teaming type='transient' persistent='ua-x'/>"
    let text = try device(
      "<hostdev mode='subsystem' type='pci' managed='yes'><driver name='vfio'/>\(Self.source)\(more)</hostdev>"
    ).libvirtXML()
    #expect(text.contains(more) && text.contains("<alias name='ua-pcipass-lan'/>"))
  }

  private func device(_ element: String) -> Hostdev {
    Hostdev(address: pci("0000:03:00.0"), alias: "ua-pcipass-lan", isManaged: true, element: element)
  }

  private func hostdevs(in element: String) throws -> [Hostdev] {
    try DomainXML(Array("<domain><devices>\(element)</devices></domain>".utf8), of: "x").hostdevs
  }
}
