import Documents

public struct VLAN: Sendable, Hashable {
  public var id: Int
  public var qos: Int
  public var proto: Protocol

  public enum `Protocol`: String, CaseIterable, Sendable {
    case q = "802.1Q"
    case ad = "802.1ad"
  }

  public init(id: Int, qos: Int = 0, proto: Protocol = .q) {
    self.id = id
    self.qos = qos
    self.proto = proto
  }

  /// A VF in no VLAN.
  public static let none = VLAN(id: 0)

  /// Drivers take 4095, too, though 802.1Q keeps it for itself.
  static let form = form(ids: 0...4095)
  /// What a manifest may ask for.
  public static let declared = form(ids: 1...4094)

  private static func form(ids: ClosedRange<Int>) -> Form<VLAN> {
    .short(
      Form<Int>.integer(ids).map({ VLAN(id: $0) }, \.id),
      or: .record(
        "VLAN", "The VLAN of a virtual function.",
        Field("id", \.id, .integer(ids), "The VLAN's number."),
        Field("qos", \.qos, .integer(0...7), default: 0, "Its priority (PCP)."),
        Field("proto", \.proto, .choice("a VLAN protocol"), default: .q, "The tag's protocol."),
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
