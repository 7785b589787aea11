/// The known limits of PF drivers for settings of their VFs. A limit that is not listed here
/// results in an error of the kernel when the setting is applied.
public enum VFDriverLimits {
  /// All reasons why the PF's driver cannot make the change; nil if no limit is known.
  ///
  /// - Parameters:
  ///   - change: the settings that differ from the present ones.
  ///   - declared: the settings that a manifest declares.
  ///   - function: the PF.
  ///   - now: the settings that the driver reports. The driver does not have a setting that it does
  ///     not report.
  public static func problem(
    with change: VFSettings, _ declared: VFSettings, of function: PCIFunction?, _ now: VFSettings
  ) -> String? {
    // A PF that is on a passthrough driver now has its native driver when its VFs are configured.
    let own = function.flatMap { Drivers.isNative($0.driver) ? $0.driver : $0.nativeDriver }
    let driver = VFDriver(name: own ?? "its driver", function: function)
    let problems = VFSetting.rows.map(\.row).compactMap { row in
      let isUnreported = row.isGiven(in: declared) && !row.isGiven(in: now)
      return (isUnreported ? row.unreported : nil) ?? row.refusal(of: change, by: driver)
        ?? row.missing(from: driver, in: change)
    }
    return problems.isEmpty ? nil : problems.map { "\(driver.name) \($0)" }.joined(separator: "; ")
  }
}

/// A PF's driver, as far as it limits the settings of its VFs.
struct VFDriver: Sendable {
  var name: String
  var function: PCIFunction?

  /// igb and ixgbe have the same limits.
  var isIntel: Bool { name == "igb" || name == "ixgbe" }

  func refusal(of rate: VFSettings.Rate) -> String? {
    guard isIntel else { return nil }
    if rate.min ?? 0 > 0 { return "does not support a minimum rate (rate: {min: …})" }
    // igb_ndo_set_vf_bw and ixgbe_ndo_set_vf_bw of Linux return EINVAL without a link, even for no limit.
    return function?.downInterface.map { "can set a rate only while the interface \($0) is up" }
  }
}
