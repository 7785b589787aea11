import Files
import Glibc
import HostModel
import SystemPackage

/// A network interface as RTM_GETLINK tells of it (Linux, net/core/rtnetlink.c).
struct LinkRecord: Equatable {
  var index: Int
  var name: String
  /// IFLA_INFO_KIND: `vlan`, `macvlan`.
  var kind: String?
  var mac: MACAddress?
  var permanentMAC: MACAddress?
  var isUp = false
  var hasCarrier: Bool?
  /// The interface below, or the other end of a pair.
  var lower: Lower?
  /// The bridge, bond, team or VRF that it is a part of, always of the same namespace.
  var master: Int?
  /// The device that it is the interface of: `pci` and `0000:03:00.0`.
  var device: Device?
  /// Programs of XDP that are attached.
  var hasXDP = false

  struct Lower: Hashable {
    var index: Int
    /// The number that this namespace has for that of the interface below; nil where it is the same one.
    var namespace: Int32?
  }

  struct Device: Equatable {
    var bus: String
    var name: String
  }

  private enum Attribute {
    static let (address, name, link, master, linkInfo): (UInt16, UInt16, UInt16, UInt16, UInt16) =
      (1, 3, 5, 10, 18)
    static let (carrier, linkNamespace, xdp, permanentAddress): (UInt16, UInt16, UInt16, UInt16) =
      (33, 37, 43, 54)
    static let (deviceName, busName): (UInt16, UInt16) = (56, 57)
    /// In IFLA_LINKINFO and in IFLA_XDP.
    static let (infoKind, infoData, xdpAttached): (UInt16, UInt16, UInt16) = (1, 2, 2)
  }

  /// ARPHRD_ETHER.
  static let ethernet: UInt16 = 1
  /// IFF_UP.
  private static let up: UInt32 = 1
  /// Ends of a pair name each other: neither is above the other.
  private static let pairs: Set = ["veth", "vxcan", "netkit"]

  /// Nil for a message of another kind; of another sort, or without a name, it makes no sense.
  init?(_ message: NetlinkMessage) throws(Netlink.Failure) {
    guard message.kind == RouteSocket.newLink else { return nil }
    let content = message.content
    guard let type: UInt16 = content.number(at: 2), let index: Int32 = content.number(at: 4), index > 0,
      let flags: UInt32 = content.number(at: 8)
    else { throw .senseless }
    self.init(index: Int(index), name: "")
    isUp = flags & Self.up != 0
    var (bus, deviceName): (String?, String?)
    var (link, tunnel): (Int?, Int?)
    var namespace: Int32?
    let isWhole = NetlinkMessage.attributes(of: content, from: RouteSocket.linkHeader) { kind, value in
      switch kind {
      case Attribute.address: if type == Self.ethernet { mac = MACAddress(octets: value) }
      case Attribute.permanentAddress: if type == Self.ethernet { permanentMAC = MACAddress(octets: value) }
      case Attribute.name: name = value.upToZero.text
      case Attribute.link: link = value.number(at: 0).map { (number: Int32) in Int(number) }
      case Attribute.linkNamespace: namespace = value.number(at: 0)
      case Attribute.master: master = value.number(at: 0).map { (number: UInt32) in Int(number) }
      case Attribute.carrier: hasCarrier = value.first.map { $0 != 0 }
      case Attribute.deviceName: deviceName = value.upToZero.text
      case Attribute.busName: bus = value.upToZero.text
      case Attribute.linkInfo: (self.kind, tunnel) = Self.info(value)
      case Attribute.xdp: hasXDP = Self.isAttached(value)
      default: break
      }
    }
    guard isWhole, !name.isEmpty else { throw .senseless }
    // The kernel takes nearly any bytes; two names may be shown as the same text.
    if !isInterfaceName(name) { name += " (#\(self.index))" }
    if let bus, let deviceName { device = Device(bus: bus, name: deviceName) }
    // An interface without one below names itself, or 0.
    if let below = [tunnel, link].lazy.compactMap({ $0 }).first(where: { $0 > 0 }),
      below != self.index || namespace != nil, !(self.kind.map(Self.pairs.contains) ?? false)
    {
      lower = Lower(index: below, namespace: namespace)
    }
  }

  private init(index: Int, name: String) {
    self.index = index
    self.name = name
  }

  /// The kind, and for tunnels the interface that they go by: of IFLA_GRE_LINK, IFLA_IPTUN_LINK, IFLA_VTI_LINK and
  /// IFLA_XFRM_LINK, each 1, and IFLA_VXLAN_LINK.
  private static func info(_ content: Bytes) -> (kind: String?, link: Int?) {
    var kind: String?
    var data: Bytes?
    _ = NetlinkMessage.attributes(of: content) { attribute, value in
      if attribute == Attribute.infoKind { kind = value.upToZero.text }
      if attribute == Attribute.infoData { data = value }
    }
    guard let kind, let data, let wanted = tunnels[kind] else { return (kind, nil) }
    var link: Int?
    _ = NetlinkMessage.attributes(of: data) { attribute, value in
      if attribute == wanted { link = value.number(at: 0).map { (number: UInt32) in Int(number) } }
    }
    return (kind, link)
  }

  static let tunnels: [String: UInt16] = [
    "gre": 1, "gretap": 1, "erspan": 1, "ip6gre": 1, "ip6gretap": 1, "ip6erspan": 1, "ipip": 1, "sit": 1,
    "ip6tnl": 1, "vti": 1, "vti6": 1, "xfrm": 1, "vxlan": 3,
  ]

  private static func isAttached(_ content: Bytes) -> Bool {
    var isAttached = false
    _ = NetlinkMessage.attributes(of: content) { kind, value in
      if kind == Attribute.xdpAttached { isAttached = value.first.map { $0 != 0 } ?? false }
    }
    return isAttached
  }
}

/// Numbers of rtnetlink(7): `linux/rtnetlink.h`.
enum RouteSocket {
  static let (newLink, getLink, setLink): (UInt16, UInt16, UInt16) = (16, 18, 19)
  static let (newAddress, getAddress): (UInt16, UInt16) = (20, 22)
  static let (newRoute, getRoute): (UInt16, UInt16) = (24, 26)
  static let (newNamespaceID, getNamespaceID): (UInt16, UInt16) = (88, 90)
  static let (newNextHop, getNextHop): (UInt16, UInt16) = (104, 106)
  /// Bytes of ifinfomsg, ifaddrmsg, rtmsg, nhmsg and rtgenmsg.
  static let (linkHeader, addressHeader, routeHeader, nextHopHeader, generalHeader) = (16, 8, 12, 8, 4)
}

extension Netlink {
  private static let extensions: UInt16 = 29
  /// RTEXT_FILTER_VF and RTEXT_FILTER_SKIP_STATS.
  private static let (withVFs, withoutStatistics): (UInt32, UInt32) = (1, 8)

  /// What says which interface is meant: its number, which is its own as long as it is there, or its name; 0 is all.
  enum Link {
    case index(Int)
    case name(String)

    var content: [UInt8] {
      let index = if case .index(let index) = self { Int32(index) } else { Int32(0) }
      let header = [0, 0, 0, 0] + NetlinkMessage.bytes(index) + [UInt8](repeating: 0, count: 8)
      guard case .name(let name) = self else { return header }
      // IFLA_IFNAME.
      return header + NetlinkMessage.attribute(3, Array(name.utf8) + [0])
    }
  }

  private static func filter(_ bits: UInt32) -> [UInt8] {
    NetlinkMessage.attribute(extensions, NetlinkMessage.bytes(bits))
  }

  /// All interfaces of the namespace.
  func links() throws(Failure) -> [LinkRecord] {
    let question = Link.index(0).content + Self.filter(Self.withoutStatistics)
    return try dump(RouteSocket.getLink, question) { message throws(Failure) in try LinkRecord(message) }
  }

  /// What a PF's driver holds of its VFs, by their numbers.
  func virtualFunctions(of link: Link) throws(Failure) -> [Int: VFSettings] {
    let question = link.content + Self.filter(Self.withVFs | Self.withoutStatistics)
    return try get(RouteSocket.getLink, question) { message throws(Failure) in
      guard message.kind == RouteSocket.newLink else { return nil }
      guard let report = VFReport(link: message.content) else { throw .senseless }
      return report.settings
    } ?? [:]
  }
}
