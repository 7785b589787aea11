extension VFSettings: CustomStringConvertible {
  public var description: String {
    [
      mac.map { $0.isZero ? "no MAC" : "MAC \($0)" },
      vlan.map(\.words), trust.map { "trust \($0 ? "on" : "off")" },
      spoofCheck.map { "spoof check \($0 ? "on" : "off")" }, linkState.map { "link \($0.rawValue)" },
      rate.map(\.words),
    ].compactMap { $0 }.joined(separator: ", ")
  }
}

extension VLAN {
  fileprivate var words: String {
    guard self != .none else { return "no VLAN" }
    return "VLAN \(id)" + (qos == 0 ? "" : " qos \(qos)") + (proto == .q ? "" : " \(proto.rawValue)")
  }
}

extension VFSettings.Rate {
  fileprivate var words: String {
    let least = min.map { $0 == 0 ? "" : "at least \($0), " } ?? ""
    return max == 0 && least.isEmpty
      ? "no rate limit" : "\(least)at most \(max == 0 ? "all" : "\(max)") Mbit/s"
  }
}
