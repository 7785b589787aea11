import Documents

/// A network interface of a function, and what the host uses it for.
public struct NetworkInterface: Sendable, Equatable {
  public var name: String
  /// What another network namespace is called that it is in; nil where it is in the host's own.
  public var namespace: String?
  public var mac: MACAddress?
  public var permanentMAC: MACAddress?
  public var isUp: Bool?
  public var hasCarrier: Bool?
  public var speed: Int?
  public var uses: Observed<[HostUse]>
  /// What else reads or sends by it, and does not keep it from being assigned.
  public var remarks: [String]

  public init(
    name: String, namespace: String? = nil, mac: MACAddress? = nil, permanentMAC: MACAddress? = nil,
    isUp: Bool? = nil,
    hasCarrier: Bool? = nil, speed: Int? = nil, uses: Observed<[HostUse]> = .known([]),
    remarks: [String] = []
  ) {
    self.name = name
    self.namespace = namespace
    self.mac = mac
    self.permanentMAC = permanentMAC
    self.isUp = isUp
    self.hasCarrier = hasCarrier
    self.speed = speed
    self.uses = uses
    self.remarks = remarks
  }

  /// Its name, and where it is elsewhere, where.
  public var label: String { name + (namespace.map { " in \($0)" } ?? "") }

  static let form = Form<NetworkInterface>.record(
    "NetworkInterface", "A network interface and what the host uses it for.",
    Field("name", \.name, .interfaceName, "Its name at the moment."),
    Field(
      "namespace", \.namespace, optional: .remark,
      "The network namespace that it is in, where that is not the host's own."),
    Field("mac", \.mac, optional: MACAddress.form, "The address it uses now."),
    Field("permanentMAC", \.permanentMAC, optional: MACAddress.form, "The address of its hardware."),
    Field("up", \.isUp, optional: .boolean, "Whether it is set up (IFF_UP)."),
    Field("carrier", \.hasCarrier, optional: .boolean, "Whether it has a link; unknown while it is down."),
    Field("speed", \.speed, optional: .integer(0...10_000_000), "Its speed in Mbit/s."),
    Field(
      "uses", \.uses, Form<[HostUse]>.list(of: HostUse.form).observed, default: .known([]),
      "What the host uses it for."),
    Field(
      "remarks", \.remarks, .list(of: .remark), default: [],
      "What else reads or sends by it: it can be assigned all the same."), make: NetworkInterface.init)
}

/// Something of the host's that would be lost with the interface.
public struct HostUse: Sendable, Hashable {
  public enum Kind: String, CaseIterable, Sendable {
    /// What pcipass itself was started through.
    case sshSession = "ssh-session"
    case defaultRoute = "default-route"
    case address
    /// Another route by it.
    case route
    case bridge, bond, team, vlan, macvlan, ipvlan, tunnel
    /// Another interface is stacked above it.
    case upper
    /// A session of PPPoE.
    case pppoe
    /// A program of XDP, or sockets of AF_XDP.
    case xdp
    /// It is in another network namespace, and so in use there.
    case namespace
  }

  public var kind: Kind
  /// What exactly: `192.0.2.10/24`, `br0`, `IPv4 by br0`, `192.0.2.9 port 51000 to 192.0.2.10 port 22`.
  public var detail: String
  /// The network namespace that this is in, where that is not the host's own.
  public var namespace: String?

  public init(_ kind: Kind, _ detail: String, namespace: String? = nil) {
    self.kind = kind
    self.detail = detail
    self.namespace = namespace
  }

  public static let form = Form<HostUse>.record(
    "HostUse", "Something of the host's that would be lost with the interface.",
    Field("kind", \.kind, .choice("a kind of use"), "What sort of use."),
    Field("detail", \.detail, .remark, "What exactly."),
    Field(
      "namespace", \.namespace, optional: .remark,
      "The network namespace that this is in, where that is not the host's own."),
    make: { kind, detail, namespace in HostUse(kind, detail, namespace: namespace) })
}

extension HostUse: CustomStringConvertible {
  public var description: String {
    let place = namespace.map { "the network namespace \($0)" }
    if kind == .namespace { return place ?? "another network namespace" }
    return what + (place.map { " in " + $0 } ?? "")
  }

  private var what: String {
    switch kind {
    case .sshSession: "this SSH session (\(detail))"
    case .defaultRoute: "the default route (\(detail))"
    case .route: "the route to \(detail)"
    case .upper: "\(detail) above it"
    case .pppoe: "the PPPoE session \(detail)"
    case .xdp: "XDP (\(detail))"
    default: "the \(kind.rawValue) \(detail)"
    }
  }

  /// How it follows the name of the interface.
  public var clause: String {
    switch kind {
    case .sshSession: "carries \(self)"
    case .namespace: "is in \(self)"
    default: "has \(self)"
    }
  }
}
