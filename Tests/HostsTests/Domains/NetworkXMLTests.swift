import Documents
import HostModel
import TestSupport
import Testing

@testable import Hosts

@Suite("libvirt networks that assign VFs")
struct NetworkXMLTests {
  private func read(_ text: String) throws -> NetworkXML { try NetworkXML(Array(text.utf8), of: "sriov") }

  /// An active network, as libvirt 11.3 prints it.
  private static let active = """
    <network connections='1'>
      <name>sriov</name>
      <uuid>1417e7ea-c651-4782-971d-ffd9aa826f71</uuid>
      <forward mode='hostdev' managed='yes'>
        <pf dev='eth1'/>
        <address type='pci' domain='0x0000' bus='0x03' slot='0x10' function='0x0'/>
        <address type='pci' domain='0x0000' bus='0x03' slot='0x10' function='0x2'/>
      </forward>
    </network>
    """

  @Test("The PF and the VFs are read as far as libvirt lists them")
  func members() throws {
    let active = try read(Self.active)
    #expect(active.isHostdev && active.interfaces == ["eth1"])
    #expect(active.addresses == [pci("03:10.0"), pci("03:10.2")])
    let defined = try read(
      "<network><name>sriov</name><forward mode='hostdev' managed='yes'><pf dev='eth0'/></forward></network>")
    #expect(defined.isHostdev && defined.interfaces == ["eth0"] && defined.addresses == [])
  }

  @Test("Any other network assigns no VFs")
  func others() throws {
    for forward in ["", "<forward mode='nat'/>", "<forward dev='eth0' mode='passthrough'/>", "<forward/>"] {
      let network = try read("<network><name>n</name>\(forward)</network>")
      #expect(!network.isHostdev && network.interfaces == [] && network.addresses == [])
    }
    #expect(throws: Diagnostics.self) { try read("<domain/>") }
  }

  // MARK: Guests on them

  private static let definition = """
    <domain type='qemu'><name>netpool</name><devices>
      <interface type='network'><mac address='52:54:00:6d:90:02'/><source network='sriov'/></interface>
      <interface type='network'><mac address='52:54:00:6d:90:03'/><source network='default'/></interface>
    </devices></domain>
    """

  /// A running domain, as libvirt 11.3 prints it: the network is not named.
  private static let live = """
    <domain type='qemu' id='1'><name>netpool</name><devices>
      <interface type='hostdev' managed='yes'>
        <mac address='52:54:00:6d:90:02'/>
        <driver name='vfio'/>
        <source>
          <address type='pci' domain='0x0000' bus='0x03' slot='0x10' function='0x0'/>
        </source>
        <alias name='hostdev0'/>
        <address type='pci' domain='0x0000' bus='0x01' slot='0x00' function='0x0'/>
      </interface>
      <interface type='hostdev' managed='yes'>
        <mac address='52:54:00:6d:90:04'/>
        <source>
          <address type='pci' domain='0x0000' bus='0x03' slot='0x10' function='0x2'/>
        </source>
        <alias name='hostdev1'/>
      </interface>
    </devices></domain>
    """

  @Test("The MAC address joins the VF of the running guest and the network of its definition")
  func joined() throws {
    let state = try DomainDescription(
      name: "netpool", run: .running, now: Array(Self.live.utf8), definition: Array(Self.definition.utf8)
    ).state(on: nil).get()
    #expect(state.networks == ["sriov", "default"] && state.persistent == [])
    #expect(state.live?.map(\.address) == [pci("03:10.0"), pci("03:10.2")])
    #expect(state.live?.map(\.network) == ["sriov", nil])
  }

  @Test("A guest that is off has no VF, but is still on the network")
  func off() throws {
    let state = try DomainDescription(
      name: "netpool", run: .shutoff, now: nil, definition: Array(Self.definition.utf8)
    ).state(on: nil).get()
    #expect(state.networks == ["sriov", "default"] && state.persistent == [] && state.live == nil)
  }

  // MARK: Saved images

  private static let device = """
    <hostdev mode='subsystem' type='pci' managed='yes'>
      <source><address domain='0x0000' bus='0x03' slot='0x00' function='0x0'/></source>
      <alias name='ua-pcipass-net0'/>
    </hostdev>
    """

  private func saved(_ image: Observed<[UInt8]>?) throws -> GuestState {
    var description = DomainDescription(
      name: "msave", run: .shutoff, now: nil,
      definition: Array("<domain><name>msave</name><devices>\(Self.device)</devices></domain>".utf8))
    description.image = image
    return try description.state(on: nil).get()
  }

  @Test("A saved image has its own devices; an unreadable one is still reported")
  func images() throws {
    let without = Array("<domain><name>msave</name><devices/></domain>".utf8)
    #expect(try saved(nil).saved == nil)
    #expect(try saved(.known(without)).saved?.devices == .known([]))
    #expect(try saved(.known(without)).persistent?.count == 1)
    #expect(try saved(.unavailable("no")).saved?.devices == .unavailable("no"))
    #expect(try saved(.known(Array("<domain".utf8))).saved?.devices.reason != nil)
    let with = Array("<domain><name>msave</name><devices>\(Self.device)</devices></domain>".utf8)
    #expect(try saved(.known(with)).saved?.devices.value?.map(\.alias) == ["ua-pcipass-net0"])
  }
}
