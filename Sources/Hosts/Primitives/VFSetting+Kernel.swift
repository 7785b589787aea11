import Documents
import Files
import HostModel

/// One VF setting in three notations: the attribute of rtnetlink(7) (IFLA_VF_INFO), the output of `ip -json
/// link show`, and the arguments of `ip link set dev PF vf N …` (ip-link(8)).
struct KernelSetting: Sendable {
  /// Reads the setting from a captured report of ip(8). A value that the driver does not report is left out.
  let read: @Sendable (Node, inout VFSettings) -> Void
  /// Reads the setting from an attribute of a link message: its kind and content.
  let take: @Sendable (UInt16, Bytes, inout VFSettings) -> Void
  /// The attribute that sets the value for the VF of this index; nil if there is no value.
  let attribute: @Sendable (VFSettings, UInt32) -> [UInt8]?
  /// The arguments of ip(8) for the value; nil if there is no value.
  let words: @Sendable (VFSettings) -> [String]?

  fileprivate init<Value>(
    _ path: any WritableKeyPath<VFSettings, Value?> & Sendable, read: @escaping @Sendable (Node) -> Value?,
    take: @escaping @Sendable (UInt16, Bytes) -> Value?,
    attribute: @escaping @Sendable (Value) -> (kind: UInt16, content: [UInt8]),
    words: @escaping @Sendable (Value) -> [String]
  ) {
    self.read = { report, settings in settings[keyPath: path] = read(report) }
    self.take = { kind, content, settings in
      if let value = take(kind, content) { settings[keyPath: path] = value }
    }
    self.attribute = { settings, number in
      settings[keyPath: path].map { value in
        let (kind, content) = attribute(value)
        let isList = kind == VFAttribute.vlans
        return NetlinkMessage.attribute(
          kind, isList ? VLAN.listed(content, number) : NetlinkMessage.bytes(number) + content)
      }
    }
    self.words = { $0[keyPath: path].map(words) }
  }

  static let all = VFSetting.allCases.map { (setting: $0, kernel: $0.kernel) }
}

extension VFSetting {
  fileprivate var kernel: KernelSetting {
    switch self {
    case .mac:
      KernelSetting(
        \.mac, read: { $0["address"]?.text.flatMap { MACAddress($0) } },
        take: { $0 == VFAttribute.mac ? MACAddress(octets: $1.dropping(4)) : nil },
        // IFLA_VF_MAC has 32 bytes (MAX_ADDR_LEN), for InfiniBand addresses.
        attribute: { (VFAttribute.mac, $0.octets + [UInt8](repeating: 0, count: 26)) },
        words: { ["mac", "\($0)"] })
    case .vlan:
      KernelSetting(
        \.vlan, read: { VLAN(report: $0) }, take: { VLAN(attribute: $0, $1) }, attribute: \.attribute,
        words: { vlan in
          let more = vlan == .none ? [] : ["qos", "\(vlan.qos)", "proto", vlan.proto.rawValue.lowercased()]
          return ["vlan", "\(vlan.id)"] + more
        })
    case .trust:
      KernelSetting(
        \.trust, read: { $0["trust"]?.truth }, take: { truth($0, $1, of: VFAttribute.trust) },
        attribute: { (VFAttribute.trust, NetlinkMessage.bytes(UInt32($0 ? 1 : 0))) },
        words: { ["trust", word($0)] })
    case .spoofCheck:
      KernelSetting(
        \.spoofCheck, read: { $0["spoofchk"]?.truth }, take: { truth($0, $1, of: VFAttribute.spoofCheck) },
        attribute: { (VFAttribute.spoofCheck, NetlinkMessage.bytes(UInt32($0 ? 1 : 0))) },
        words: { ["spoofchk", word($0)] })
    case .linkState:
      KernelSetting(
        \.linkState, read: { $0["link_state"]?.text.flatMap { VFSettings.LinkState(rawValue: $0) } },
        take: { kind, content in
          guard kind == VFAttribute.linkState, let number: UInt32 = content.number(at: 4) else { return nil }
          return Int(exactly: number).flatMap { VFSettings.LinkState(number: $0) }
        },
        attribute: { (VFAttribute.linkState, NetlinkMessage.bytes(UInt32($0.number))) },
        words: { ["state", $0.rawValue] })
    case .rate:
      KernelSetting(
        \.rate, read: { $0["rate"].flatMap { VFSettings.Rate(report: $0) } },
        take: { kind, content in
          guard kind == VFAttribute.rate, let least: UInt32 = content.number(at: 4),
            let most: UInt32 = content.number(at: 8)
          else { return nil }
          return VFSettings.Rate(min: Int(least), max: Int(most))
        },
        attribute: {
          let values = [$0.min ?? 0, $0.max].flatMap { NetlinkMessage.bytes(UInt32(clamping: $0)) }
          return (VFAttribute.rate, values)
        },
        words: { ["max_tx_rate", "\($0.max)", "min_tx_rate", "\($0.min ?? 0)"] })
    }
  }
}

/// The kernel reports all bits set if the driver does not support the setting.
private func truth(_ kind: UInt16, _ content: Bytes, of wanted: UInt16) -> Bool? {
  guard kind == wanted, let value: UInt32 = content.number(at: 4), value != .max else { return nil }
  return value != 0
}

extension VFSettings.LinkState {
  /// The values are IFLA_VF_LINK_STATE_AUTO, _ENABLE and _DISABLE.
  fileprivate init?(number: Int) {
    guard Self.allCases.indices.contains(number) else { return nil }
    self = Self.allCases[number]
  }

  fileprivate var number: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

extension MACAddress {
  /// Nil if there are fewer than six bytes; more are ignored.
  init?(octets: Bytes) {
    guard octets.count >= 6 else { return nil }
    self.init(octets.prefix(6).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }

  fileprivate var octets: [UInt8] {
    stride(from: UInt64(40), through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> $0) }
  }
}

extension VLAN {
  /// ETH_P_8021AD.
  private static let ad: UInt16 = 0x88A8

  /// Reads IFLA_VF_VLAN_LIST, which has the protocol of the tag, or IFLA_VF_VLAN on kernels before 4.9.
  fileprivate init?(attribute kind: UInt16, _ content: Bytes) {
    guard kind == VFAttribute.vlans || kind == VFAttribute.vlan else { return nil }
    var content = content
    var proto = TagProtocol.q
    if kind == VFAttribute.vlans {
      guard let first = NetlinkMessage.firstAttribute(of: content)?.value else { return nil }
      content = first
      if let number: UInt16 = content.number(at: 12), UInt16(bigEndian: number) == Self.ad { proto = .ad }
    }
    guard let id: UInt32 = content.number(at: 4), let qos: UInt32 = content.number(at: 8), id <= 4095,
      qos <= 7
    else { return nil }
    self = id == 0 ? .none : VLAN(id: Int(id), qos: Int(qos), proto: proto)
  }

  fileprivate var attribute: (kind: UInt16, content: [UInt8]) {
    let values = NetlinkMessage.bytes(UInt32(id)) + NetlinkMessage.bytes(UInt32(qos))
    guard proto == .ad else { return (VFAttribute.vlan, values) }
    return (VFAttribute.vlans, values + NetlinkMessage.bytes(Self.ad.bigEndian) + [0, 0])
  }

  /// The content of IFLA_VF_VLAN_LIST with its one entry, IFLA_VF_VLAN_INFO.
  fileprivate static func listed(_ content: [UInt8], _ number: UInt32) -> [UInt8] {
    NetlinkMessage.attribute(1, NetlinkMessage.bytes(number) + content)
  }
}

private func word(_ isOn: Bool) -> String { isOn ? "on" : "off" }

extension VLAN {
  /// iproute2 prints a list since 4.20. An empty element means no VLAN.
  fileprivate init?(report: Node) {
    var node = report
    if case .sequence(let list) = report["vlan_list"]?.content, let first = list.first { node = first }
    guard let id = node["vlan"]?.number else {
      self = .none
      return
    }
    guard (0...4095).contains(id), let qos = node["qos"].map({ $0.number }) ?? 0, (0...7).contains(qos) else {
      return nil
    }
    self.init(id: id, qos: qos, proto: node["protocol"]?.text?.lowercased() == "802.1ad" ? .ad : .q)
  }
}

extension VFSettings.Rate {
  fileprivate init?(report: Node) {
    guard let most = report["max_tx"]?.number else { return nil }
    self.init(min: report["min_tx"]?.number ?? 0, max: most)
  }
}

extension Node {
  var number: Int? { text.flatMap { Int($0) } }

  fileprivate var truth: Bool? {
    switch text {
    case "true", "on": true
    case "false", "off": false
    default: nil
    }
  }
}
