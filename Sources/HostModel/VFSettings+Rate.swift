import Documents

extension VFSettings {
  /// The transmit rate of a VF in Mbit/s, as `ip link set … vf … min_tx_rate … max_tx_rate …`
  /// accepts it. 0 means no limit.
  public struct Rate: Sendable, Hashable {
    /// The guaranteed rate in Mbit/s; nil if a manifest does not set it.
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
    "Rate", "The transmit rate of a VF, in Mbit/s.",
    Field("min", \.min, optional: .integer(0...1_000_000), "The guaranteed rate."),
    Field("max", \.max, .integer(0...1_000_000), "The highest rate; 0 means no limit."),
    make: { min, max in VFSettings.Rate(min: min, max: max) })
}

extension VFSettings.Rate {
  var words: String {
    let bounds =
      [min.flatMap { $0 == 0 ? nil : "at least \($0)" }, max == 0 ? nil : "at most \(max)"].compactMap { $0 }
    return bounds.isEmpty ? "no rate limit" : "rate " + bounds.joined(separator: ", ") + " Mbit/s"
  }
}
