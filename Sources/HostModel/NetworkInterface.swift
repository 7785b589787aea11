import Documents

/// A network interface of a function, and what the host uses it for.
public struct NetworkInterface: Sendable, Equatable {
  public var name: String
  public var mac: MACAddress?
  public var permanentMAC: MACAddress?
  public var isUp: Bool?
  public var hasCarrier: Bool?
  public var speed: Int?
  public var uses: Observed<[HostUse]>

  public init(
    name: String, mac: MACAddress? = nil, permanentMAC: MACAddress? = nil, isUp: Bool? = nil,
    hasCarrier: Bool? = nil, speed: Int? = nil, uses: Observed<[HostUse]> = .known([])
  ) {
    self.name = name
    self.mac = mac
    self.permanentMAC = permanentMAC
    self.isUp = isUp
    self.hasCarrier = hasCarrier
    self.speed = speed
    self.uses = uses
  }

  static let form = Form<NetworkInterface>.record(
    "NetworkInterface", "A network interface and what the host uses it for.",
    Field("name", \.name, .interfaceName, "Its name at the moment."),
    Field("mac", \.mac, optional: MACAddress.form, "The address it uses now."),
    Field("permanentMAC", \.permanentMAC, optional: MACAddress.form, "The address of its hardware."),
    Field("up", \.isUp, optional: .boolean, "Whether it is set up (IFF_UP)."),
    Field("carrier", \.hasCarrier, optional: .boolean, "Whether it has a link; unknown while it is down."),
    Field("speed", \.speed, optional: .integer(0...10_000_000), "Its speed in Mbit/s."),
    Field(
      "uses", \.uses, Form<[HostUse]>.list(of: HostUse.form).observed, default: .known([]),
      "What the host uses it for."), make: NetworkInterface.init)
}

/// Something of the host's that would be lost with the interface.
public struct HostUse: Sendable, Hashable {
  public enum Kind: String, CaseIterable, Sendable {
    /// What pcipass itself was started through.
    case sshSession = "ssh-session"
    case defaultRoute = "default-route"
    case address
    case bridge, bond, team, vlan, macvlan
    /// Another interface is stacked above it.
    case upper
  }

  public var kind: Kind
  /// What exactly: `192.0.2.10/24`, `br0`, `IPv4 by br0`, `192.0.2.9 port 51000 to 192.0.2.10 port 22`.
  public var detail: String

  public init(_ kind: Kind, _ detail: String) {
    self.kind = kind
    self.detail = detail
  }

  public static let form = Form<HostUse>.record(
    "HostUse", "Something of the host's that would be lost with the interface.",
    Field("kind", \.kind, .choice("a kind of use"), "What sort of use."),
    Field("detail", \.detail, .remark, "What exactly."), make: HostUse.init)
}

extension HostUse: CustomStringConvertible {
  public var description: String {
    switch kind {
    case .sshSession: "this SSH session (\(detail))"
    case .defaultRoute: "the default route (\(detail))"
    case .address: "the address \(detail)"
    case .upper: "\(detail) above it"
    default: "the \(kind.rawValue) \(detail)"
    }
  }
}
