import Documents

/// A network interface of a PCI function and what the host uses it for.
public struct NetworkInterface: Sendable, Equatable {
  public var name: String
  /// The alternative names (`ip link property add … altname …`), in the kernel's order. Empty if they could not
  /// be read or an older snapshot does not record them.
  public var altnames: [String]
  /// The name of the network namespace that contains the interface; nil for the host's own namespace.
  public var namespace: String?
  /// The MAC address in use now.
  public var mac: MACAddress?
  /// The MAC address of the hardware, which remains when the other one is changed (IFLA_PERM_ADDRESS).
  public var permanentMAC: MACAddress?
  /// Whether the interface is administratively up (IFF_UP).
  public var isUp: Bool?
  /// Whether the interface has a link. The kernel does not report it while the interface is down.
  public var hasCarrier: Bool?
  /// The link speed in Mbit/s.
  public var speed: Int?
  /// What the host uses the interface for. Each use keeps the NIC from being assigned unless the manifest
  /// allows it.
  public var uses: Observed<[HostUse]>
  /// Other users of the interface, which do not keep the NIC from being assigned.
  public var remarks: [String]

  public init(
    name: String, altnames: [String] = [], namespace: String? = nil, mac: MACAddress? = nil,
    permanentMAC: MACAddress? = nil,
    isUp: Bool? = nil,
    hasCarrier: Bool? = nil, speed: Int? = nil, uses: Observed<[HostUse]> = .known([]),
    remarks: [String] = []
  ) {
    self.name = name
    self.altnames = altnames
    self.namespace = namespace
    self.mac = mac
    self.permanentMAC = permanentMAC
    self.isUp = isUp
    self.hasCarrier = hasCarrier
    self.speed = speed
    self.uses = uses
    self.remarks = remarks
  }

  /// The name, with the namespace if that is not the host's own.
  public var label: String { name + (namespace.map { " in \($0)" } ?? "") }

  static let form = Form<NetworkInterface>.record(
    "NetworkInterface", "A network interface and what the host uses it for.",
    Field("name", \.name, .interfaceName, "The current name."),
    Field(
      "altnames", \.altnames, .list(of: .alternativeName), default: [],
      "The alternative names (ip link property add … altname …)."),
    Field(
      "namespace", \.namespace, optional: .freeText,
      "The network namespace of the interface, if it is not that of the host."),
    Field("mac", \.mac, optional: MACAddress.form, "The current MAC address."),
    Field("permanentMAC", \.permanentMAC, optional: MACAddress.form, "The permanent MAC address."),
    Field("up", \.isUp, optional: .boolean, "Whether the interface is up (IFF_UP)."),
    Field(
      "carrier", \.hasCarrier, optional: .boolean,
      "Whether the interface has a link; unknown while it is down."),
    Field("speed", \.speed, optional: .integer(0...10_000_000), "The speed in Mbit/s."),
    Field(
      "uses", \.uses, Form<[HostUse]>.list(of: HostUse.form).observed, default: .known([]),
      "What the host uses the interface for."),
    Field(
      "remarks", \.remarks, .list(of: .freeText), default: [],
      "Other readers and senders on the interface, which do not prevent an assignment."),
    make: NetworkInterface.init)
}

/// A use of an interface by the host, which ends when the interface disappears.
public struct HostUse: Sendable, Hashable {
  /// The kinds of uses. The raw values are keywords in snapshots.
  public enum Kind: String, CaseIterable, Sendable {
    /// The SSH session from which pcipass was started.
    case sshSession = "ssh-session"
    case defaultRoute = "default-route"
    case address
    /// A route other than the default route.
    case route
    case bridge, bond, team, vlan, macvlan, ipvlan, tunnel
    /// Another kind of interface that is stacked on this one.
    case upper
    /// A PPPoE session.
    case pppoe
    /// An XDP program or an AF_XDP socket.
    case xdp
    /// The interface is in another network namespace, and is in use there.
    case namespace
  }

  public var kind: Kind
  /// The exact use: `192.0.2.10/24`, `br0`, `IPv4 by br0`, `192.0.2.9 port 51000 to 192.0.2.10 port 22`.
  public var detail: String
  /// The network namespace of the use; nil for the host's own namespace.
  public var namespace: String?

  public init(_ kind: Kind, _ detail: String, namespace: String? = nil) {
    self.kind = kind
    self.detail = detail
    self.namespace = namespace
  }

  public static let form = Form<HostUse>.record(
    "HostUse", "A use by the host that would end with the interface.",
    Field("kind", \.kind, .choice("a kind of use"), "The kind of use."),
    Field("detail", \.detail, .freeText, "The exact use."),
    Field(
      "namespace", \.namespace, optional: .freeText,
      "The network namespace of the use, if it is not that of the host."),
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
    case .upper: "the upper interface \(detail)"
    case .pppoe: "the PPPoE session \(detail)"
    case .xdp: "XDP (\(detail))"
    default: "the \(kind.rawValue) \(detail)"
    }
  }

  /// The use as a clause after the name of the interface: "has the default route (IPv4)".
  public var clause: String {
    switch kind {
    case .sshSession: "carries \(self)"
    case .namespace: "is in \(self)"
    default: "has \(self)"
    }
  }
}
