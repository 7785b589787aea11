import Documents
import HostModel
import TestSupport
import Testing

@testable import Hosts

/// Definitions as libvirt prints them, with one device that is edited.
@Suite("A definition with one device edited")
struct DefinitionTests {
  private static let qemu = " xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'"

  private static func domain(_ devices: String, _ rest: String = "") -> String {
    """
    <domain type='qemu'\(rest.isEmpty ? "" : qemu)>
      <name>vm</name>
      <os>
        <type arch='x86_64' machine='q35'>hvm</type>
      </os>
      <devices>
        <graphics type='vnc' port='-1' passwd='hunter2'/>
    \(devices)
        <memballoon model='none'/>
      </devices>\(rest)
    </domain>

    """
  }

  private static func hostdev(_ bus: String, _ more: String...) -> String {
    """
        <hostdev mode='subsystem' type='pci' managed='yes'>
          <source>
            <address domain='0x0000' bus='0x\(bus)' slot='0x00' function='0x0'/>
          </source>
    \(more.map { "      \($0)\n" }.joined())    </hostdev>
    """
  }

  static let place = "<address type='pci' domain='0x0000' bus='0x05' slot='0x00' function='0x0'/>"

  /// Definitions with various contents in the edited element and in the rest.
  static let texts = [
    domain(hostdev("03", place)), domain(hostdev("03", "<boot order='1'/>", "<rom bar='off'/>", place)),
    domain(hostdev("03", "<address type='unassigned'/>")),
    domain(hostdev("03", "<teaming type='transient' persistent='ua-backup0'/>", place)),
    domain(hostdev("03", "<acpi index='7'/>", place)),
    domain(hostdev("03", place.replacing("/>", with: " multifunction='on'/>"))),
    domain(
      hostdev(
        "03",
        "<address type='pci' domain='0x0000' bus='0x00' slot='0x01' function='0x0'>\n        "
          + "<zpci uid='0x0001' fid='0x00000000'/>\n      </address>")),
    domain(hostdev("03", "<driver name='vfio' model='mlx5_vfio_pci' iommufd='yes'/>", place)),
    domain(
      hostdev("02") + "\n" + hostdev("03"),
      """

        <qemu:override>
          <qemu:device alias='hostdev1'>
            <qemu:frontend>
              <qemu:property name='x-pci-sub-device-id' type='unsigned' value='4660'/>
            </qemu:frontend>
          </qemu:device>
          <qemu:device alias='hostdev0'/>
        </qemu:override>
        <qemu:commandline>
          <qemu:arg value='-set'/>
          <qemu:arg value='device.hostdev1.x-vga=on'/>
        </qemu:commandline>
      """),
  ]

  private func definition(_ text: String) throws -> DomainDefinition {
    try DomainDefinition(Array(text.utf8), of: "vm", editing: pci("03:00.0"))
  }

  @Test("gains only the alias, and is the original again without it", arguments: texts)
  func mark(text: String) throws {
    let before = try definition(text)
    var goal = before.hostdev
    goal.alias = "ua-pcipass-lan"
    let there = String(decoding: try before.text(with: goal), as: UTF8.self)
    let marked = try definition(there)
    #expect(marked.hostdev.alias == "ua-pcipass-lan" && marked.rest == before.rest)
    #expect(there.split(separator: "\n").count == text.split(separator: "\n").count + 1)
    var plain = marked.hostdev
    plain.alias = nil
    #expect(String(decoding: try marked.text(with: plain), as: UTF8.self) == text)
  }

  @Test("keeps boot order, partner and guest address as an interface, and can be restored")
  func kind() throws {
    let text = Self.domain(
      Self.hostdev(
        "03", "<teaming type='transient' persistent='ua-backup0'/>", "<boot order='1'/>", Self.place))
    let before = try definition(text)
    var goal = before.hostdev
    (goal.device, goal.mac, goal.vlan) = (.interface, mac("02:00:00:00:00:01"), 7)
    goal.element = before.element(as: .interface)
    let there = try definition(String(decoding: try before.text(with: goal), as: UTF8.self))
    #expect(there.hostdev.device == .interface && there.hostdev.mac == goal.mac && there.hostdev.vlan == 7)
    #expect(there.hostdev.guestAddress == pci("05:00.0") && there.hostdev.failoverPartner == "ua-backup0")
    #expect(there.hostdev.hasBootOrder && there.rest == before.rest)
    #expect(String(decoding: try there.text(with: before.hostdev), as: UTF8.self) == text)
  }

  @Test("has its references by number updated, so that they name the same devices")
  func references() throws {
    let text = try #require(Self.texts.last)
    var goal = try definition(text).hostdev
    goal.alias = "ua-pcipass-lan"
    let there = String(decoding: try definition(text).text(with: goal), as: UTF8.self)
    #expect(
      there.contains("<qemu:device alias='ua-pcipass-lan'>")
        && there.contains("<qemu:device alias='hostdev0'/>"))
    #expect(there.contains("'device.ua-pcipass-lan.x-vga=on'"))
    // With an alias on the first device, the second is the first one without an alias.
    let first = try DomainDefinition(Array(text.utf8), of: "vm", editing: pci("02:00.0"))
    goal = first.hostdev
    goal.alias = "ua-pcipass-wan"
    let moved = String(decoding: try first.text(with: goal), as: UTF8.self)
    #expect(
      moved.contains("<qemu:device alias='hostdev0'>")
        && moved.contains("<qemu:device alias='ua-pcipass-wan'/>"))
    #expect(moved.contains("'device.hostdev0.x-vga=on'"))
  }

  @Test("refuses a new alias where an unknown QEMU argument has the old one")
  func argument() throws {
    let text = Self.domain(
      Self.hostdev("03"),
      "\n  <qemu:commandline>\n    <qemu:arg value='-global'/>\n    <qemu:arg value='x=hostdev0,y'/>\n  </qemu:commandline>"
    )
    var goal = try definition(text).hostdev
    goal.alias = "ua-pcipass-lan"
    #expect(throws: Diagnostics.self) { try definition(text).text(with: goal) }
    goal.alias = nil
    goal.isManaged = false
    #expect(try definition(text).text(with: goal) != Array(text.utf8))
  }

  @Test("loses libvirt's own <boot dev> when a device with a boot order is restored")
  func bootOrder() throws {
    var device = try definition(Self.texts[1]).hostdev
    device.alias = "ua-pcipass-lan"
    let without = Self.domain("").replacing("  </os>", with: "    <boot dev='hd'/>\n  </os>")
    let restored = try #require(try DomainEdit.restoring(device, in: Array(without.utf8), of: "vm"))
    let text = String(decoding: restored, as: UTF8.self)
    #expect(!text.contains("<boot dev") && text.contains("<boot order='1'/>"))
    #expect(try DomainEdit.restoring(device, in: Array(Self.domain("").utf8), of: "vm") == nil)
    let other = without.replacing("dev='hd'", with: "dev='network'")
    #expect(throws: Diagnostics.self) { try DomainEdit.restoring(device, in: Array(other.utf8), of: "vm") }
  }

  @Test("lists the passwords that no message may quote")
  func secrets() throws { #expect(try definition(Self.texts[0]).secrets == ["hunter2"]) }
}
