import Documents
import HostModel
import TestSupport
import Testing

@testable import Hosts

/// Returns the XML of a domain with these devices.
func domain(_ devices: String, attributes: String = "type='kvm'") -> [UInt8] {
  Array("<domain \(attributes)>\n  <name>a</name>\n  <devices>\n\(devices)\n  </devices>\n</domain>\n".utf8)
}

@Suite("Reading a domain XML")
struct DomainXMLTests {
  private func hostdevs(_ devices: String) throws -> [Hostdev] {
    try DomainXML(domain(devices), of: "a").hostdevs
  }

  @Test("A hostdev is read with all that pcipass writes")
  func plain() throws {
    let found = try hostdevs(
      """
      <hostdev mode='subsystem' type='pci' managed='yes'>
        <driver name='vfio'/>
        <source>
          <address domain='0x0000' bus='0x03' slot='0x1f' function='0x7'/>
        </source>
        <alias name='ua-pcipass-lan'/>
        <address type='pci' domain='0x0000' bus='0x01' slot='0x00' function='0x0'/>
      </hostdev>
      """)
    #expect(
      found == [
        Hostdev(
          address: pci("0000:03:1f.7"), alias: "ua-pcipass-lan", isManaged: true,
          guestAddress: pci("0000:01:00.0"), driver: "vfio")
      ])
  }

  @Test("The PCI domain defaults to 0, and managed to no")
  func defaults() throws {
    let found = try hostdevs(
      "<hostdev mode='subsystem' type='pci'><source><address bus='3' slot='010'/></source></hostdev>")
    #expect(found == [Hostdev(address: pci("0000:03:08.0"), alias: nil, isManaged: false)])
  }

  @Test(
    "An element with other settings is kept as it is written",
    arguments: [
      "<rom bar='off'/>", "<boot order='1'/>", "<driver model='mlx5_vfio_pci'/>",
      "<teaming type='transient'/>",
      "<driver name='vfio'/><rom file='/a&amp;b'/>", "<driver iommufd='yes'/>",
      "<driver name='vfio' iommufd='yes'/>", "<driver name='vfio' model='vfio-pci'/>",
    ])
  func more(part: String) throws {
    let element =
      "<hostdev mode='subsystem' type='pci' managed='no'>\(part)<source><address bus='0x03' slot='0x00'/></source></hostdev>"
    #expect(try hostdevs(element).map(\.element) == [element])
  }

  @Test("An interface of type hostdev is read with its MAC address; one with a trunk is kept")
  func interface() throws {
    let element =
      "<interface type='hostdev' managed='yes'><mac address='52:54:00:6d:90:02'/>"
      + "<source><address type='pci' domain='0' bus='3' slot='16' function='4'/></source></interface>"
    let found = try #require(try hostdevs(element).first)
    #expect(found.device == .interface && found.address == pci("0000:03:10.4") && found.isManaged)
    #expect(found.mac == MACAddress("52:54:00:6d:90:02") && found.vlan == nil && found.element == nil)
    let trunk = element.replacing("</interface>", with: "<vlan><tag id='7'/><tag id='8'/></vlan></interface>")
    #expect(try hostdevs(trunk).map(\.element) == [trunk])
  }

  @Test(
    "Other devices and invalid addresses are left out",
    arguments: [
      "<hostdev mode='subsystem' type='usb'><source><vendor id='0x1234'/></source></hostdev>",
      "<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='c2'/></source></hostdev>",
      "<hostdev mode='capabilities' type='pci'/>",
      "<interface type='bridge'><source bridge='br0'/></interface>",
      "<hostdev mode='subsystem' type='pci'/>", "<hostdev type='PCI'><source/></hostdev>",
      "<interface type='hostdev'><source><address type='usb' bus='3'/></source></interface>",
      "<hostdev mode='subsystem' type='pci'><source><address bus='0x100' slot='0'/></source></hostdev>",
      "<hostdev mode='subsystem' type='pci'><source><address bus='-1' slot='0'/></source></hostdev>",
      "<disk type='nvme'><source type='pci'><address bus='3' slot='0'/></source></disk>",
    ])
  func others(element: String) throws { #expect(try hostdevs(element) == []) }

  @Test("An alias that is not a valid name is left out")
  func hostileAlias() throws {
    let found = try hostdevs(
      "<hostdev mode='subsystem' type='pci'><source><address bus='3' slot='0'/></source><alias name=\"a'b\"/></hostdev>"
    )
    #expect(found.map(\.alias) == [nil])
  }

  @Test("A running domain has an id, a definition does not")
  func running() throws {
    #expect(try DomainXML(domain("", attributes: "type='kvm' id='3'"), of: "a").isRunning)
    #expect(try !DomainXML(domain(""), of: "a").isRunning)
  }

  @Test("The UUID is read if it is valid", arguments: [true, false])
  func uuid(isUUID: Bool) throws {
    let uuid = isUUID ? "6ad9ee0a-8a3c-4a0c-9d64-0123456789AB" : "6ad9ee0a"
    let text = Array("<domain><name>a</name><uuid>\(uuid)</uuid><devices/></domain>".utf8)
    #expect(try DomainXML(text, of: "a").uuid == (isUUID ? uuid.lowercased() : nil))
  }

  @Test("A domain that stops between being listed and being read is off")
  func stopped() throws {
    let description = DomainDescription(
      name: "a", run: .running, now: domain(""), definition: domain(""))
    #expect(
      try description.state(on: nil).get() == GuestState(name: "a", run: .shutoff, persistent: [], live: nil))
  }

  @Test("A transient domain has no persistent devices; one that is off has no live devices")
  func parts() throws {
    let runs = domain("", attributes: "id='1'")
    let transient = DomainDescription(name: "a", run: .paused, now: runs, definition: nil)
    #expect(
      try transient.state(on: nil).get() == GuestState(name: "a", run: .paused, persistent: nil, live: []))
    let off = DomainDescription(name: "a", run: .shutoff, now: nil, definition: domain(""))
    #expect(try off.state(on: nil).get() == GuestState(name: "a", run: .shutoff, persistent: [], live: nil))
  }

  @Test("XML that is not a domain, or that has a document type, is an error")
  func wrong() {
    #expect(throws: Diagnostics.self) { try DomainXML(Array("<network/>".utf8), of: "a") }
    #expect(throws: Diagnostics.self) { try DomainXML(Array("<!DOCTYPE d><domain/>".utf8), of: "a") }
  }
}

@Suite("The free ports of a running guest")
struct GuestPortsTests {
  private func free(_ devices: String) throws -> Int? {
    try DomainXML(domain(devices, attributes: "id='1'"), of: "a").freePorts
  }

  private let express = "<controller type='pci' index='0' model='pcie-root'/>"

  private func port(_ index: Int, _ more: String = "") -> String {
    "<controller type='pci' index='\(index)' model='pcie-root-port'>\(more)<address type='pci' bus='0x00' slot='0x0\(index)'/></controller>"
  }

  @Test("Only a hot-pluggable root port without a device is free")
  func ports() throws {
    #expect(try free(express) == 0)
    #expect(try free(express + port(1) + port(2)) == 2)
    let used = "<disk><address type='pci' bus='0x01' slot='0x00'/></disk>"
    #expect(try free(express + port(1) + port(2) + used) == 1)
    #expect(try free(express + port(1, "<target hotplug='off'/>") + port(2)) == 1)
    #expect(try free(express + "<controller type='pci' index='1' model='pcie-to-pci-bridge'/>") == 0)
  }

  @Test("Each empty slot of a conventional PCI bus or bridge is free")
  func slots() throws {
    let root = "<controller type='pci' index='0' model='pci-root'/>"
    #expect(try free(root) == 30)
    #expect(try free(root + "<disk><address type='pci' bus='0' slot='0x05'/></disk>") == 29)
    #expect(
      try free(
        root
          + "<controller type='pci' index='1' model='pci-bridge'><address type='pci' bus='0' slot='2'/></controller>"
      )
        == 29 + 31)
  }

  @Test("The number of free ports is unknown for a machine without PCI")
  func unknown() throws { #expect(try free("<disk/>") == nil) }

  @Test("The source address of a device does not occupy a port")
  func source() throws {
    let device =
      "<hostdev mode='subsystem' type='pci'><source><address bus='1' slot='0'/></source></hostdev>"
    #expect(try free(express + port(1) + device) == 1)
  }
}
