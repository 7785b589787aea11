import HostModel
import SystemPackage
import Testing

@testable import Hosts

@Suite("Interfaces and routes from rtnetlink")
struct RecordTests {
  private func link(_ attributes: [UInt8]..., type: UInt16 = 1) throws -> LinkRecord? {
    let content = Sent.link(7, Sent.attribute(3, "mv1") + Array(attributes.joined()), type: type)
    return try Sent.read(Sent.message(16, content)) { message throws(Netlink.Failure) in
      try LinkRecord(message)
    }?.first
  }

  private func info(_ kind: String, _ data: [UInt8] = []) -> [UInt8] {
    Sent.attribute(18, Sent.attribute(1, kind) + (data.isEmpty ? [] : Sent.attribute(2, data)))
  }

  private func number(_ kind: UInt16, _ value: Int32) -> [UInt8] { Sent.attribute(kind, Sent.bytes(value)) }

  @Test("Name, addresses, parent device and state are read")
  func plain() throws {
    let found = try link(
      Sent.attribute(1, [2, 0, 0, 0, 0, 1]), Sent.attribute(54, [2, 0, 0, 0, 0, 2]), Sent.attribute(33, [1]),
      Sent.attribute(56, "0000:03:00.0"), Sent.attribute(57, "pci"))
    #expect(found?.index == 7 && found?.name == "mv1" && found?.isUp == true && found?.hasCarrier == true)
    #expect(found?.mac == MACAddress("02:00:00:00:00:01"))
    #expect(found?.permanentMAC == MACAddress("02:00:00:00:00:02"))
    #expect(found?.device == LinkRecord.ParentDevice(bus: "pci", name: "0000:03:00.0"))
    #expect(found?.lower == nil && found?.hasXDP == false)
    // An InfiniBand address is not a MAC address.
    #expect(try link(Sent.attribute(1, [UInt8](repeating: 1, count: 20)), type: 32)?.mac == nil)
  }

  @Test("A name that is not UTF-8 is read with the number of the interface")
  func oddNames() throws {
    let first = try link(Sent.attribute(3, [0xFF, 0]))
    #expect(first?.name == "\u{FFFD} (#7)" && first?.index == 7)
  }

  @Test("Alternative names are read if they are valid")
  func altnames() throws {
    let names = ["enp3s0f0", "a:b", "a b", "", "a/b", "\u{1B}[2J", String(repeating: "x", count: 128)]
    let list = Array(names.map { Sent.attribute(53, $0) }.joined()) + Sent.attribute(53, [0xFF, 0x41, 0])
    // The flag NLA_F_NESTED, which the kernel sets.
    let nested = Sent.attribute(52 | 0x8000, list + Sent.attribute(54, "other"))
    #expect(try link(nested)?.altnames == ["enp3s0f0", "a:b"])
    #expect(try link(Sent.attribute(52, []))?.altnames == [])
  }

  @Test("The lower interface is read, in the same or in another namespace")
  func lower() throws {
    #expect(try link(number(5, 3))?.lower == LinkRecord.LowerInterface(index: 3))
    #expect(try link(number(5, 3), number(37, 0))?.lower == LinkRecord.LowerInterface(index: 3, namespace: 0))
    // A lower interface in another namespace may have the same number as this one.
    #expect(try link(number(5, 7), number(37, 2))?.lower == LinkRecord.LowerInterface(index: 7, namespace: 2))
    #expect(try link(number(5, 7))?.lower == nil && link(number(5, 0))?.lower == nil)
    for kind in ["veth", "vxcan", "netkit"] {
      #expect(try link(number(5, 3), number(37, 0), info(kind))?.lower == nil)
    }
  }

  @Test(
    "The lower interface of a tunnel is read from the data of its kind",
    arguments: [("gre", 1), ("ipip", 1), ("sit", 1), ("ip6gretap", 1), ("vxlan", 3), ("xfrm", 1)]
      as [(String, UInt16)])
  func tunnel(kind: String, attribute: UInt16) throws {
    let found = try link(info(kind, number(attribute, 3)))
    #expect(found?.lower == LinkRecord.LowerInterface(index: 3) && found?.kind == kind)
    #expect(try link(info(kind, number(attribute, 0)))?.lower == nil)
  }

  @Test("An attached XDP program is found")
  func xdp() throws {
    #expect(try link(Sent.attribute(43, Sent.attribute(2, [1])))?.hasXDP == true)
    #expect(try link(Sent.attribute(43, Sent.attribute(2, [0])))?.hasXDP == false)
  }

  private func route(_ content: [UInt8]) throws -> RouteRecord? {
    try Sent.read(Sent.message(24, content)) { message throws(Netlink.Failure) in try RouteRecord(message) }?
      .first
  }

  @Test("A route has its interface, those of all next hops, or a nexthop object")
  func route() throws {
    let one = try route(Sent.route([198, 51, 100, 0], length: 24, with: number(4, 3)))
    #expect(one?.interfaces == [3] && one?.destination.length == 24 && one?.table == 254)
    #expect(one?.destination.address == IPAddress("198.51.100.0"))
    let hops = Sent.attribute(9, Sent.hop(3) + Sent.hop(5) + Sent.hop(3))
    #expect(try route(Sent.route(with: hops))?.interfaces == [3, 5])
    #expect(try route(Sent.route(table: 0, with: number(15, 4242) + number(4, 3)))?.table == 4242)
    let object = try route(Sent.route(with: number(30, 10)))
    #expect(object?.interfaces == [] && object?.nextHop == 10)
  }

  @Test("Nexthop objects and groups of them are read")
  func nextHops() throws {
    func record(_ attributes: [UInt8]) throws -> NextHopRecord? {
      try Sent.read(Sent.message(104, [2, 0, 0, 0, 0, 0, 0, 0] + attributes)) {
        message throws(Netlink.Failure) in
        try NextHopRecord(message)
      }?.first
    }
    let one = try record(number(1, 2) + number(5, 7))
    #expect(one?.number == 2 && one?.interface == 7 && one?.members == [])
    let members = Sent.bytes(UInt32(1)) + [0, 0, 0, 0] + Sent.bytes(UInt32(2)) + [0, 0, 0, 0]
    let group = try record(number(1, 10) + Sent.attribute(2, members))
    #expect(group?.number == 10 && group?.interface == nil && group?.members == [1, 2])
  }

  @Test("Truncated or damaged messages are not read beyond their end")
  func senseless() {
    let xdp = Sent.attribute(43, Sent.attribute(2, [1]))
    let altnames = Sent.attribute(52, Sent.attribute(53, "a") + Sent.attribute(53, "b"))
    let link = Sent.link(7, Sent.attribute(3, "eth0") + info("vxlan", number(3, 3)) + xdp + altnames)
    let nextHop: [UInt8] = [2, 0, 0, 0, 0, 0, 0, 0] + number(1, 2) + number(5, 7)
    let route = Sent.route(with: Sent.attribute(9, Sent.hop(3) + Sent.hop(5)))
    let contents: [(UInt16, [UInt8])] = [(16, link), (24, route), (104, nextHop)]
    func read(_ datagram: [UInt8]) {
      _ = try? Sent.read(datagram) { message throws(Netlink.Failure) in try LinkRecord(message) }
      _ = try? Sent.read(datagram) { message throws(Netlink.Failure) in try RouteRecord(message) }
      _ = try? Sent.read(datagram) { message throws(Netlink.Failure) in try NextHopRecord(message) }
      _ = try? Sent.read(datagram) { message throws(Netlink.Failure) in try AddressRecord(message) }
    }
    for (kind, content) in contents {
      let whole = Sent.message(kind, content)
      for length in 0..<whole.count {
        read(Array(whole.prefix(length)))
        read(Sent.message(kind, Array(content.prefix(min(length, content.count)))))
      }
      for place in whole.indices {
        for value in [UInt8(0), 1, 0x7F, 0xFF] {
          var other = whole
          other[place] = value
          read(other)
        }
      }
    }
    #expect(throws: Netlink.Failure.self) {
      try Sent.read(Sent.message(16, Array(contents[0].1.dropLast(3)))) { message throws(Netlink.Failure) in
        try LinkRecord(message)
      }
    }
  }

  @Test("An error has the kernel's text, with or without a copy of the request")
  func errors() throws {
    func error(_ datagram: [UInt8]) throws -> NetlinkError? {
      try Sent.read(datagram) { message throws(Netlink.Failure) in message.error }?.first
    }
    let words = Sent.attribute(1, "Invalid VF")
    let header = Sent.message(19, [])
    let capped = Sent.bytes(Int32(-22)) + header + words
    #expect(
      try error(Sent.message(2, capped, flags: 0x300))
        == NetlinkError(errno: .invalidArgument, text: "Invalid VF"))
    let whole = Sent.bytes(Int32(-22)) + Sent.message(19, [1, 2, 3, 4]) + words
    #expect(try error(Sent.message(2, whole, flags: 0x200))?.text == "Invalid VF")
    #expect(
      try error(Sent.message(2, Sent.bytes(Int32(-95)) + header))?.description == "Operation not supported")
    #expect(try error(Sent.message(2, Sent.bytes(Int32(0)) + header))?.errno.rawValue == 0)
  }
}
