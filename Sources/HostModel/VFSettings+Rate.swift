import Documents

extension VFSettings {
  /// The transmit rate of a VF in Mbit/s, as `ip link set … vf … min_tx_rate … max_tx_rate …` takes it. 0
  /// means no limit.
  public struct Rate: Sendable, Hashable {
    /// The guaranteed rate in Mbit/s; nil where a manifest does not set it.
    public var min: Int?
    /// The largest rate in Mbit/s; 0 means no limit.
    public var max: Int

    public init(min: Int?, max: Int) {
      self.min = min
      self.max = max
    }
  }
}

extension VFSettings.Rate {
  public static let form = Form<VFSettings.Rate>.record(
    "Rate", "Transmit rate of a virtual function, in Mbit/s.",
    Field("min", \.min, optional: .integer(0...1_000_000), "What it is promised."),
    Field("max", \.max, .integer(0...1_000_000), "What it may have; 0 is no limit."),
    make: { min, max in VFSettings.Rate(min: min, max: max) })
}

extension VFSettings.Rate {
  var words: String {
    let least = min.map { $0 == 0 ? "" : "at least \($0), " } ?? ""
    return max == 0 && least.isEmpty
      ? "no rate limit" : "\(least)at most \(max == 0 ? "all" : "\(max)") Mbit/s"
  }
}
