import Files
import Glibc
import HostModel
import SystemPackage

/// A network interface, from RTM_GETLINK (Linux, net/core/rtnetlink.c).
struct LinkRecord: Equatable {
  var index: Int
  var name: String
  /// The alternative names (IFLA_ALT_IFNAME, Linux 5.5) that are valid (`isAlternativeName`).
  var altnames: [String] = []
  /// IFLA_INFO_KIND, such as `vlan` or `macvlan`.
  var kind: String?
  var mac: MACAddress?
  var permanentMAC: MACAddress?
  var isUp = false
  var hasCarrier: Bool?
  /// The lower interface (IFLA_LINK), or the one that a tunnel sends through.
  var lower: LowerInterface?
  /// The index of the bridge, bond, team or VRF that it is a member of (IFLA_MASTER), always in the same
  /// namespace.
  var master: Int?
  /// The parent device (IFLA_PARENT_DEV_BUS_NAME and IFLA_PARENT_DEV_NAME, Linux 5.14), such as `pci` and
  /// `0000:03:00.0`.
  var device: ParentDevice?
  /// Whether an XDP program is attached (IFLA_XDP_ATTACHED).
  var hasXDP = false

  /// The lower interface of another one, which may be in another namespace.
  struct LowerInterface: Hashable {
    var index: Int
    /// The id that this namespace has for the namespace of the lower interface (IFLA_LINK_NETNSID); nil if
    /// both are in the same one.
    var namespace: Int32?
  }

  /// A device, by its bus and its name there.
  struct ParentDevice: Equatable {
    var bus: String
    var name: String
  }

  private enum LinkAttribute {
    static let (address, name, link, master, linkInfo): (UInt16, UInt16, UInt16, UInt16, UInt16) =
      (1, 3, 5, 10, 18)
    static let (carrier, linkNamespace, xdp, permanentAddress): (UInt16, UInt16, UInt16, UInt16) =
      (33, 37, 43, 54)
    static let (properties, deviceName, busName): (UInt16, UInt16, UInt16) = (52, 56, 57)
    /// The attribute within IFLA_PROP_LIST.
    static let alternativeName: UInt16 = 53
    /// Attributes within IFLA_LINKINFO and within IFLA_XDP.
    static let (infoKind, infoData, xdpAttached): (UInt16, UInt16, UInt16) = (1, 2, 2)
  }

  /// ARPHRD_ETHER.
  static let ethernet: UInt16 = 1
  /// IFF_UP.
  fileprivate static let up: UInt32 = 1
  /// The two ends of a pair name each other in IFLA_LINK. Neither is the lower interface of the other.
  private static let pairs: Set = ["veth", "vxcan", "netkit"]

  /// Nil if the message is not RTM_NEWLINK.
  ///
  /// - Throws: `.malformed` if it cannot be decoded or has no name.
  init?(_ message: NetlinkMessage) throws(Netlink.Failure) {
    guard message.kind == RTNetlink.newLink else { return nil }
    let content = message.content
    guard let type: UInt16 = content.number(at: 2), let index: Int32 = content.number(at: 4), index > 0,
      let flags: UInt32 = content.number(at: 8)
    else { throw .malformed }
    self.init(index: Int(index), name: "")
    isUp = flags & Self.up != 0
    var (bus, deviceName): (String?, String?)
    var (link, tunnel): (Int?, Int?)
    var namespace: Int32?
    let isWhole = NetlinkMessage.attributes(of: content, from: RTNetlink.linkHeader) { kind, value in
      switch kind {
      case LinkAttribute.address: if type == Self.ethernet { mac = MACAddress(octets: value) }
      case LinkAttribute.permanentAddress:
        if type == Self.ethernet { permanentMAC = MACAddress(octets: value) }
      case LinkAttribute.name: name = value.untilNUL.text
      case LinkAttribute.properties: altnames = Self.altnames(value)
      case LinkAttribute.link: link = value.number(at: 0).map { (number: Int32) in Int(number) }
      case LinkAttribute.linkNamespace: namespace = value.number(at: 0)
      case LinkAttribute.master: master = value.number(at: 0).map { (number: UInt32) in Int(number) }
      case LinkAttribute.carrier: hasCarrier = value.first.map { $0 != 0 }
      case LinkAttribute.deviceName: deviceName = value.untilNUL.text
      case LinkAttribute.busName: bus = value.untilNUL.text
      case LinkAttribute.linkInfo: (self.kind, tunnel) = Self.info(value)
      case LinkAttribute.xdp: hasXDP = Self.isAttached(value)
      default: break
      }
    }
    guard isWhole, !name.isEmpty else { throw .malformed }
    // The kernel accepts nearly any bytes in a name, so two names may be shown as the same text.
    // The index distinguishes such interfaces.
    if !isInterfaceName(name) { name += " (#\(self.index))" }
    if let bus, let deviceName { device = ParentDevice(bus: bus, name: deviceName) }
    // An interface without a lower one has its own index or 0 in IFLA_LINK.
    if let below = [tunnel, link].lazy.compactMap({ $0 }).first(where: { $0 > 0 }),
      below != self.index || namespace != nil, !(self.kind.map(Self.pairs.contains) ?? false)
    {
      lower = LowerInterface(index: below, namespace: namespace)
    }
  }

  private init(index: Int, name: String) {
    self.index = index
    self.name = name
  }

  /// The kind (IFLA_INFO_KIND), and for tunnels the interface that they send through: attribute 1 of
  /// IFLA_INFO_DATA (IFLA_GRE_LINK, IFLA_IPTUN_LINK, IFLA_VTI_LINK, IFLA_XFRM_LINK), or IFLA_VXLAN_LINK.
  private static func info(_ content: Bytes) -> (kind: String?, link: Int?) {
    var kind: String?
    var data: Bytes?
    _ = NetlinkMessage.attributes(of: content) { attribute, value in
      if attribute == LinkAttribute.infoKind { kind = value.untilNUL.text }
      if attribute == LinkAttribute.infoData { data = value }
    }
    guard let kind, let data, let wanted = tunnels[kind] else { return (kind, nil) }
    var link: Int?
    _ = NetlinkMessage.attributes(of: data) { attribute, value in
      if attribute == wanted { link = value.number(at: 0).map { (number: UInt32) in Int(number) } }
    }
    return (kind, link)
  }

  /// The attribute of IFLA_INFO_DATA that names the lower interface, for each kind of tunnel.
  static let tunnels: [String: UInt16] = [
    "gre": 1, "gretap": 1, "erspan": 1, "ip6gre": 1, "ip6gretap": 1, "ip6erspan": 1, "ipip": 1, "sit": 1,
    "ip6tnl": 1, "vti": 1, "vti6": 1, "xfrm": 1, "vxlan": 3,
  ]

  private static func altnames(_ content: Bytes) -> [String] {
    var names: [String] = []
    _ = NetlinkMessage.attributes(of: content) { kind, value in
      if kind == LinkAttribute.alternativeName { names.append(value.untilNUL.text) }
    }
    return names.filter { isAlternativeName($0) }
  }

  private static func isAttached(_ content: Bytes) -> Bool {
    var isAttached = false
    _ = NetlinkMessage.attributes(of: content) { kind, value in
      if kind == LinkAttribute.xdpAttached { isAttached = value.first.map { $0 != 0 } ?? false }
    }
    return isAttached
  }
}

/// Message types and header lengths of rtnetlink(7): `linux/rtnetlink.h`.
enum RTNetlink {
  static let (newLink, getLink, setLink): (UInt16, UInt16, UInt16) = (16, 18, 19)
  static let (newAddress, getAddress): (UInt16, UInt16) = (20, 22)
  static let (newRoute, getRoute): (UInt16, UInt16) = (24, 26)
  static let (newNamespaceID, getNamespaceID): (UInt16, UInt16) = (88, 90)
  static let (newNextHop, getNextHop): (UInt16, UInt16) = (104, 106)
  /// The sizes in bytes of ifinfomsg, ifaddrmsg, rtmsg, nhmsg and rtgenmsg.
  static let (linkHeader, addressHeader, routeHeader, nextHopHeader, generalHeader) = (16, 8, 12, 8, 4)
}

extension Netlink {
  /// IFLA_EXT_MASK.
  private static let extensions: UInt16 = 29
  /// RTEXT_FILTER_VF and RTEXT_FILTER_SKIP_STATS.
  private static let (withVFs, withoutStatistics): (UInt32, UInt32) = (1, 8)

  /// Selects an interface: by its index, which stays the same as long as the interface exists, or by its
  /// name. The index 0 selects all.
  enum Link {
    case index(Int)
    case name(String)

    /// The content of a link request: ifinfomsg, and the name if the interface is selected by name.
    var content: [UInt8] { content(flags: 0) }

    /// The content of a request that sets flags of the interface.
    func content(flags: UInt32) -> [UInt8] {
      let index = if case .index(let index) = self { Int32(index) } else { Int32(0) }
      // The last two fields are ifi_flags and ifi_change.
      let header =
        [0, 0, 0, 0] + NetlinkMessage.bytes(index) + NetlinkMessage.bytes(flags) + NetlinkMessage.bytes(flags)
      guard case .name(let name) = self else { return header }
      // IFLA_IFNAME.
      return header + NetlinkMessage.attribute(3, Array(name.utf8) + [0])
    }
  }

  private static func filter(_ bits: UInt32) -> [UInt8] {
    NetlinkMessage.attribute(extensions, NetlinkMessage.bytes(bits))
  }

  /// Sets an interface up.
  func setUp(_ link: Link) throws(Failure) {
    try change(RTNetlink.setLink, link.content(flags: LinkRecord.up))
  }

  /// All interfaces in the namespace.
  func links() throws(Failure) -> [LinkRecord] {
    let question = Link.index(0).content + Self.filter(Self.withoutStatistics)
    return try dump(RTNetlink.getLink, question) { message throws(Failure) in try LinkRecord(message) }
  }

  /// The settings that the driver of a PF keeps for its VFs, by VF index.
  ///
  /// - Throws: `.malformed` if the answer cannot be decoded.
  func virtualFunctions(of link: Link) throws(Failure) -> [Int: VFSettings] {
    let question = link.content + Self.filter(Self.withVFs | Self.withoutStatistics)
    return try get(RTNetlink.getLink, question) { message throws(Failure) in
      guard message.kind == RTNetlink.newLink else { return nil }
      guard let report = VFReport(link: message.content) else { throw .malformed }
      return report.settings
    } ?? [:]
  }
}
