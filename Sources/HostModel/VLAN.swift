import Documents

/// The VLAN tag that a PF adds to the frames of a VF (IEEE 802.1Q).
public struct VLAN: Sendable, Hashable {
  /// The VLAN id; 0 means no VLAN.
  public var id: Int
  /// The priority, 0 to 7 (PCP).
  public var qos: Int
  /// The protocol of the tag (`vlan_proto` of struct ifla_vf_vlan_info).
  public var proto: TagProtocol

  /// The protocol of a tag, by its IEEE standard.
  public enum TagProtocol: String, CaseIterable, Sendable {
    case q = "802.1Q"
    case ad = "802.1ad"
  }

  public init(id: Int, qos: Int = 0, proto: TagProtocol = .q) {
    self.id = id
    self.qos = qos
    self.proto = proto
  }

  /// No VLAN.
  public static let none = VLAN(id: 0)

  /// The VLAN of an observed VF. Drivers accept 4095 too, although IEEE 802.1Q reserves it.
  static let form = form(ids: 0...4095)
  /// The VLAN in a manifest.
  public static let declared = form(ids: 1...4094)

  private static func form(ids: ClosedRange<Int>) -> Form<VLAN> {
    .short(
      Form<Int>.integer(ids).map({ VLAN(id: $0) }, \.id),
      or: .record(
        "VLAN", "The VLAN of a VF.",
        Field("id", \.id, .integer(ids), "The VLAN id."),
        Field("qos", \.qos, .integer(0...7), default: 0, "The priority (PCP)."),
        Field("proto", \.proto, .choice("a VLAN protocol"), default: .q, "The protocol of the tag."),
        make: { id, qos, proto in VLAN(id: id, qos: qos, proto: proto) }),
      isShort: { $0.qos == 0 && $0.proto == .q })
  }
}

extension VLAN {
  var words: String {
    guard self != .none else { return "no VLAN" }
    return "VLAN \(id)" + (qos == 0 ? "" : " qos \(qos)") + (proto == .q ? "" : " \(proto.rawValue)")
  }
}
