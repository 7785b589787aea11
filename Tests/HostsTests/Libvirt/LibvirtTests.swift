import Glibc
import HostModel
import Manifests
import Planning
import TestSupport
import Testing

@testable import Hosts

/// libvirt itself, with its test driver, which is in the library
/// (https://libvirt.org/drvtest.html).
@Suite("Reading and changing guests by libvirt")
struct LibvirtTests {
  /// Domains with one NIC each, and networks.
  private static let node = """
    <node>
      <domain type='test'>
        <name>on</name><memory>65536</memory><os><type>hvm</type></os>
        <devices>
          <hostdev mode='subsystem' type='pci' managed='yes'>
            <source><address domain='0x0000' bus='0x03' slot='0x00' function='0x0'/></source>
            <alias name='ua-pcipass-lan'/>
          </hostdev>
        </devices>
      </domain>
      <domain type='test'>
        <test:runstate xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>5</test:runstate>
        <name>off &amp; 日本</name><memory>65536</memory><os><type>hvm</type></os>
        <devices>
          <hostdev mode='subsystem' type='pci' managed='no'>
            <source><address domain='0x0000' bus='0x04' slot='0x00' function='0x1'/></source>
          </hostdev>
        </devices>
      </domain>
      <domain type='test'>
        <test:runstate xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>5</test:runstate>
        <test:hasmanagedsave xmlns:test='http://libvirt.org/schemas/domain/test/1.0'/>
        <name>saved</name><memory>65536</memory><os><type>hvm</type></os>
        <devices>
          <interface type='network'><mac address='52:54:00:6d:90:02'/><source network='sriov'/></interface>
        </devices>
      </domain>
      <network><name>plain</name><bridge name='virbr9'/></network>
      <network>
        <name>sriov</name>
        <forward mode='hostdev' managed='yes'>
          <address type='pci' domain='0' bus='3' slot='0x10' function='2'/>
        </forward>
      </network>
    </node>
    """

  private func withNode<Value>(_ body: (String) throws -> Value) throws -> Value {
    let tree = try SysfsTree()
    try tree.write("node.xml", Self.node)
    return try body("test://\(tree.root)/node.xml")
  }

  @Test("The service has libvirt's version, and no QEMU version with another driver")
  func service() throws {
    try withNode { uri in
      let service = try #require(Libvirt.service(at: uri).value)
      #expect(service.uri == uri && !service.isReadOnly && service.qemu == nil)
      #expect(try #require(service.version) >= VersionNumber(4, 5))
    }
    #expect(Libvirt.service(at: "qemu+ssh://elsewhere/system").reason != nil)
    #expect(Libvirt.service(at: "nonsense:///x").reason?.hasPrefix("libvirt: ") == true)
  }

  @Test("Each domain is read with its persistent and its live devices") func domains() throws {
    let states = try withNode { try Libvirt(uri: $0).domains() }
    #expect(states.map(\.name) == ["off & 日本", "on", "saved"])
    let (off, on) = (try #require(states.first), states[1])
    #expect(off.run == .shutoff && off.live == nil)
    #expect(off.persistent?.map(\.address) == [pci("0000:04:00.1")])
    #expect(off.persistent?.map(\.isManaged) == [false])
    #expect(on.run == .running)
    #expect(on.live?.map(\.alias) == ["ua-pcipass-lan"] && on.persistent?.map(\.alias) == ["ua-pcipass-lan"])
  }

  @Test(
    "A device is edited and restored, with the rest unchanged; a stale edit is refused")
  func edit() throws {
    try withNode { uri in
      let libvirt = Libvirt(uri: uri)
      let name = "off & 日本"
      let before = try #require(try libvirt.domain(name)?.persistent?.first)
      let known = try libvirt.definition(of: before, in: name, as: .hostdev)
      var goal = before
      goal.alias = "ua-pcipass-wan"
      let edit = EditDevice(.libvirt(domain: name), from: before, to: goal, rest: known.rest)
      try libvirt.edit(edit, within: .seconds(30))
      #expect(try libvirt.domain(name)?.persistent?.map(\.alias) == ["ua-pcipass-wan"])
      #expect(try libvirt.definition(of: goal, in: name, as: .hostdev).rest == known.rest)
      // The device is no longer the one that the edit starts from.
      #expect(throws: HostFailure.self) { try libvirt.edit(edit, within: .seconds(30)) }
      // Another program has changed the rest since the journal was written.
      var stale = EditDevice(.libvirt(domain: name), from: goal, to: before)
      stale.rest = String(repeating: "0", count: 64)
      #expect(throws: HostFailure.self) { try libvirt.edit(stale, within: .seconds(30)) }
      stale.rest = nil
      try libvirt.edit(stale, within: .seconds(30))
      #expect(try libvirt.domain(name)?.persistent == [before])
      // libvirt refuses an edit of a domain that does not exist.
      #expect(throws: HostFailure.self) {
        try libvirt.edit(EditDevice(.libvirt(domain: "none"), from: before, to: goal), within: .seconds(30))
      }
    }
  }

  @Test("Only the networks that assign VFs are read") func networks() throws {
    let networks = try withNode { try Libvirt(uri: $0).hostdevNetworks() }
    #expect(
      networks == [HostdevNetwork(name: "sriov", isActive: true, addresses: [pci("0000:03:10.2")])])
  }

  @Test(
    "A saved image is reported even if the driver does not support reading its devices"
  )
  func saved() throws {
    try withNode { uri in
      let libvirt = Libvirt(uri: uri)
      let listed = try libvirt.domains()
      for guest in [listed.first { $0.name == "saved" }, try libvirt.domain("saved")] {
        #expect(guest?.saved?.devices.reason?.hasPrefix("libvirt: ") == true)
        #expect(guest?.networks == ["sriov"] && guest?.snapshots == 0 && guest?.isSavedToFile == false)
      }
      #expect(listed.filter { $0.saved != nil }.map(\.name) == ["saved"])
    }
  }

  @Test("One domain is read by its name; a missing one is not an error") func one() throws {
    try withNode { uri throws in
      let libvirt = Libvirt(uri: uri)
      let (on, gone) = (try libvirt.domain("on"), try libvirt.domain("gone"))
      #expect(on?.run == .running && gone == nil)
    }
  }

  @Test("An error of libvirt is passed on with its numbers") func errors() throws {
    try withNode { uri in
      let device = Hostdev(address: pci("0000:05:00.0"), alias: "ua-pcipass-x", isManaged: true)
      // The test driver cannot attach a device.
      var failure: HostFailure?
      do throws(HostFailure) {
        try Libvirt(uri: uri).attach(device, to: "on", .live, within: .seconds(10))
      } catch { failure = error }
      #expect(failure?.kind == .refused)
      #expect(failure?.message.names("3", "20") == true)
      do throws(HostFailure) {
        try Libvirt(uri: uri).attach(device, to: "gone", .live, within: .seconds(10))
      } catch { failure = error }
      #expect(failure?.message.names("42", "12") == true)
    }
  }

  @Test("A daemon that does not run is unavailable, with the reason") func absent() {
    expectUnavailable("qemu+unix:///system?socket=/nonexistent/sock", "No such file or directory")
  }

  @Test(
    "The libvirt of another machine is not contacted",
    arguments: ["qemu+ssh://hv02/system", "qemu://127.0.0.1/system"])
  func elsewhere(uri: String) { expectUnavailable(uri) }

  @Test(
    "No program is run to reach libvirt",
    arguments: [
      "qemu+ext:///system?command=/bin/sh", "qemu+ssh:///system?command=/bin/sh", "qemu+libssh2:///system",
      "qemu+unix+ext:///system?command=/bin/sh", "xen+tcp:///system", "qemu+EXT:///system", "qemu+:///system",
    ])
  func programs(uri: String) { expectUnavailable(uri) }

  private func expectUnavailable(_ uri: String, _ values: String...) {
    do throws(LibvirtFailure) {
      _ = try Libvirt(uri: uri).domains()
      Issue.record("\(uri) was answered")
    } catch {
      guard case .unavailable(let reason) = error else {
        Issue.record("\(uri): \(error)")
        return
      }
      #expect(reason.names(values))
    }
  }

  @Test("A daemon that never answers on its socket is given up") func hung() throws {
    let tree = try SysfsTree()
    let socket = try Listener(tree.root + "/sock")
    defer { socket.close() }
    do throws(LibvirtFailure) {
      _ = try Libvirt(uri: "qemu+unix:///system?socket=\(tree.root)/sock", opening: .milliseconds(300))
        .domains()
      Issue.record("a socket that says nothing was answered")
    } catch {
      #expect(error == .noAnswer(after: .milliseconds(300)))
    }
  }

  /// A socket that listens and never accepts a connection.
  private struct Listener {
    private let descriptor: CInt

    init(_ path: String) throws {
      descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
      let isBound = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      try #require(isBound == 0 && listen(descriptor, 1) == 0)
    }

    func close() { _ = Glibc.close(descriptor) }
  }
}
