import Documents
import HostModel

/// How ip(8) prints a VF setting in `ip -json link show`, and how it sets it by `ip link set dev PF vf N …`
/// (ip-link(8)).
struct IPSetting: Sendable {
  /// Puts in what the report has of the setting. What a driver does not report is left out.
  let read: @Sendable (Node, inout VFSettings) -> Void
  /// The words that set the value; nil where none is given.
  let words: @Sendable (VFSettings) -> [String]?

  fileprivate init<Value>(
    _ path: any WritableKeyPath<VFSettings, Value?> & Sendable, read: @escaping @Sendable (Node) -> Value?,
    words: @escaping @Sendable (Value) -> [String]
  ) {
    self.read = { $1[keyPath: path] = read($0) }
    self.words = { $0[keyPath: path].map(words) }
  }

  static let all = VFSetting.allCases.map { (setting: $0, ip: $0.ip) }
}

extension VFSetting {
  fileprivate var ip: IPSetting {
    switch self {
    case .mac:
      IPSetting(\.mac, read: { $0["address"]?.text.flatMap { MACAddress($0) } }, words: { ["mac", "\($0)"] })
    case .vlan:
      IPSetting(
        \.vlan, read: { VLAN(report: $0) },
        words: { vlan in
          let more = vlan == .none ? [] : ["qos", "\(vlan.qos)", "proto", vlan.proto.rawValue.lowercased()]
          return ["vlan", "\(vlan.id)"] + more
        })
    case .trust: IPSetting(\.trust, read: { $0["trust"]?.truth }, words: { ["trust", word($0)] })
    case .spoofCheck:
      IPSetting(\.spoofCheck, read: { $0["spoofchk"]?.truth }, words: { ["spoofchk", word($0)] })
    case .linkState:
      IPSetting(
        \.linkState, read: { $0["link_state"]?.text.flatMap { VFSettings.LinkState(rawValue: $0) } },
        words: { ["state", $0.rawValue] })
    case .rate:
      IPSetting(
        \.rate, read: { $0["rate"].flatMap { VFSettings.Rate(report: $0) } },
        words: { ["max_tx_rate", "\($0.max)", "min_tx_rate", "\($0.min ?? 0)"] })
    }
  }
}

private func word(_ isOn: Bool) -> String { isOn ? "on" : "off" }

extension VLAN {
  /// A list since iproute2 4.20; an empty element of it is no VLAN.
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
