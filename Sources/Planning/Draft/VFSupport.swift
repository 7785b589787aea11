import HostModel

/// What PFs' drivers are known not to do for their VFs. What is not known here shows when it is tried.
enum VFSupport {
  /// What stands against the change, in words.
  ///
  /// - Parameters:
  ///   - declared: what a manifest asks for.
  ///   - now: what the driver tells; what it does not tell it does not have.
  static func problem(
    with change: VFSettings, _ declared: VFSettings, of function: PCIFunction?, _ now: VFSettings
  ) -> String? {
    // A PF that comes back from a guest has its own driver then.
    let own = function.flatMap { Drivers.isHosts($0.driver) ? $0.driver : $0.hostDriver }
    let driver = own ?? "its driver"
    if declared.trust != nil, now.trust == nil { return "\(driver) tells of no trust" }
    if declared.spoofCheck != nil, now.spoofCheck == nil { return "\(driver) tells of no spoof check" }
    guard driver == "igb" || driver == "ixgbe" else { return nil }
    if change.vlan?.proto == .ad { return "\(driver) has VLANs of 802.1Q only" }
    if let rate = change.rate {
      if rate.min ?? 0 > 0 { return "\(driver) has no least rate (rate: {min: …})" }
      // Linux, igb_ndo_set_vf_bw and ixgbe_ndo_set_vf_bw: EINVAL without a link, also for no limit.
      if let interface = function?.interfaceThatIsDown {
        return "\(driver) sets a rate only while its interface \(interface) is up"
      }
    }
    if driver == "igb", change.linkState != nil { return "igb does not set the link of a VF" }
    return nil
  }
}
