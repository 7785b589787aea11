/// What PFs' drivers are known not to do for their VFs. What is not known here shows when it is tried.
public enum VFSupport {
  /// What stands against the change, in words.
  ///
  /// - Parameters:
  ///   - declared: what a manifest asks for.
  ///   - now: what the driver reports; what it does not report it does not have.
  public static func problem(
    with change: VFSettings, _ declared: VFSettings, of function: PCIFunction?, _ now: VFSettings
  ) -> String? {
    // A PF that comes back from a guest has its native driver then.
    let own = function.flatMap { Drivers.isHosts($0.driver) ? $0.driver : $0.hostDriver }
    let driver = VFDriver(name: own ?? "its driver", function: function)
    let rows = VFSetting.rows.map(\.row).lazy
    let unreported = rows.compactMap {
      $0.isGiven(in: declared) && !$0.isGiven(in: now) ? $0.unreported : nil
    }
    let problem =
      unreported.first ?? rows.compactMap { $0.refusal(of: change, by: driver) }.first
      ?? rows.compactMap { $0.missing(from: driver, in: change) }.first
    return problem.map { "\(driver.name) \($0)" }
  }
}

/// The driver of a PF, as far as it decides what can be set on its VFs.
struct VFDriver: Sendable {
  var name: String
  var function: PCIFunction?

  /// igb and ixgbe have the same limits.
  var isIntel: Bool { name == "igb" || name == "ixgbe" }

  func refusal(of rate: VFSettings.Rate) -> String? {
    guard isIntel else { return nil }
    if rate.min ?? 0 > 0 { return "has no least rate (rate: {min: …})" }
    // Linux, igb_ndo_set_vf_bw and ixgbe_ndo_set_vf_bw: EINVAL without a link, also for no limit.
    return function?.interfaceThatIsDown.map { "sets a rate only while its interface \($0) is up" }
  }
}
