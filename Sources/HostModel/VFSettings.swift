import Documents

/// What a PF's driver holds of one of its VFs, set by `ip link set PF vf N …`
/// (Linux, include/uapi/linux/if_link.h, IFLA_VFINFO_LIST). Nil is what a manifest does not ask for, or what a
/// driver does not tell.
public struct VFSettings: Sendable, Hashable {
  public var mac: MACAddress?
  public var vlan: VLAN?
  public var trust: Bool?
  public var spoofCheck: Bool?
  public var linkState: LinkState?
  public var rate: Rate?

  public enum LinkState: String, CaseIterable, Sendable { case auto, enable, disable }

  /// Mbit/s, as `ip link set … vf … min_tx_rate max_tx_rate` takes them; 0 is no limit.
  public struct Rate: Sendable, Hashable {
    public var min: Int?
    public var max: Int

    public init(min: Int?, max: Int) {
      self.min = min
      self.max = max
    }
  }

  public init(
    mac: MACAddress? = nil, vlan: VLAN? = nil, trust: Bool? = nil, spoofCheck: Bool? = nil,
    linkState: LinkState? = nil, rate: Rate? = nil
  ) {
    self.mac = mac
    self.vlan = vlan
    self.trust = trust
    self.spoofCheck = spoofCheck
    self.linkState = linkState
    self.rate = rate
  }

  public var isEmpty: Bool { self == VFSettings() }

  public static let form = Form<VFSettings>.record(
    "VFSettings", "What a PF holds of one of its VFs.",
    Field("mac", \.mac, optional: MACAddress.form, "Its MAC address; zeros: none was set."),
    Field("vlan", \.vlan, optional: VLAN.form, "The VLAN it is in; 0 is none."),
    Field("trust", \.trust, optional: .boolean, "Whether its user may change its MAC address."),
    Field("spoofCheck", \.spoofCheck, optional: .boolean, "Whether source MAC addresses are checked."),
    Field("linkState", \.linkState, optional: .choice("a link state"), "Its link."),
    Field("rate", \.rate, optional: Rate.form, "Its transmit rate in Mbit/s."), make: VFSettings.init)
}

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
        make: { VLAN(id: $0, qos: $1, proto: $2) }),
      isShort: { $0.qos == 0 && $0.proto == .q })
  }
}

extension VFSettings.Rate {
  public static let form = Form<VFSettings.Rate>.record(
    "Rate", "Transmit rate of a virtual function, in Mbit/s.",
    Field("min", \.min, optional: .integer(0...1_000_000), "What it is promised."),
    Field("max", \.max, .integer(0...1_000_000), "What it may have; 0 is no limit."),
    make: { VFSettings.Rate(min: $0, max: $1) })
}
