import Documents
import HostModel

/// The VFs that a manifest declares for a PF.
public struct VirtualFunctions: Sendable, Equatable {
  /// The number of VFs; 0 deletes all.
  public var count: Int
  /// The settings of each claimed VF whose claim does not give them.
  public var defaults: VFSettings

  public init(count: Int, defaults: VFSettings = VFSettings()) {
    self.count = count
    self.defaults = defaults
  }
}

extension VirtualFunctions {
  static let form = Form<VirtualFunctions>.record(
    "VirtualFunctions", "How many VFs the NIC has, or each member of the pool.",
    Field("count", \.count, .integer(0...256), "The number of VFs; 0 deletes them all."),
    Field(
      "defaults", \.defaults, .defaults, default: VFSettings(),
      "The settings of claimed VFs whose claims do not give them."),
    make: VirtualFunctions.init)
}

extension Form<VFSettings> {
  /// Settings that several VFs can have: all but the MAC address.
  fileprivate static let defaults = Form.record(
    "VFDefaults", "The settings of VFs whose claims do not give them.", table: VFSettings.sharedFields,
    make: { VFSettings() })
}
