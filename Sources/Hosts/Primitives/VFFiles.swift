import HostModel
import Planning

/// The reason why the kernel has not set one value of a VF.
struct VFSettingProblem {
  let reason: String
  /// Whether the kernel may still be working on the request.
  var isTimeout = false
}

/// The VF operations of sysfs and of the PF's driver, on a real or a simulated kernel.
protocol VFFiles: HolderProviding {
  /// The VFs of a PF, in the order of their indices.
  func virtualFunctions(of address: PCIAddress) throws(HostFailure) -> [PCIAddress]
  /// `sriov_drivers_autoprobe`; nil on kernels before 4.12, which lack it.
  func autoprobe(of address: PCIAddress) throws(HostFailure) -> Bool?
  /// The settings that the PF keeps for its VFs, by VF index.
  func settings(ofVFsOf address: PCIAddress) throws(HostFailure) -> [Int: VFSettings]
  /// Writes `sriov_drivers_autoprobe`.
  mutating func setAutoprobe(_ isOn: Bool, of address: PCIAddress) throws(HostFailure)
  /// Writes `sriov_numvfs`.
  mutating func setCount(_ count: Int, of address: PCIAddress) throws(HostFailure)
  /// Sets one value of a VF. Returns the failure if the kernel does not set it, nil if it does.
  ///
  /// - Parameter words: the same request as arguments of ip(8), `link set dev PF vf N …`, for the trace.
  mutating func set(
    _ one: VFSettings, of place: VFLocation, by words: [String]
  ) throws(HostFailure) -> VFSettingProblem?
  /// The name of the PF's network interface.
  func interface(of address: PCIAddress) throws(HostFailure) -> String
  /// The driver and the override of the PF.
  func binding(of address: PCIAddress) throws(HostFailure) -> Binding
}

extension VFFiles {
  /// The number of VFs, `sriov_drivers_autoprobe` and the settings of each VF: what is needed to create the
  /// same VFs again.
  func vfSet(of address: PCIAddress) throws(HostFailure) -> VFSet {
    let places = try places(of: address)
    let all = places.isEmpty ? [:] : try settings(ofVFsOf: address)
    var settings: [VFSettings] = []
    for place in places { settings.append(try Self.settings(of: place, in: all)) }
    return VFSet(count: settings.count, autoprobe: try autoprobe(of: address), settings: settings)
  }

  /// Creates or deletes VFs, then applies their settings. `sriov_drivers_autoprobe` is written
  /// first, because it takes effect when VFs are created. The kernel accepts a change of
  /// `sriov_numvfs` only from or to 0 (EBUSY).
  ///
  /// - Throws: `HostFailure(.inUse)` if a process has one of the present VFs open.
  mutating func resize(_ address: PCIAddress, to goal: VFSet) throws(HostFailure) {
    let present = try virtualFunctions(of: address)
    try checkUnused(present)
    if let autoprobe = goal.autoprobe, try self.autoprobe(of: address) != autoprobe {
      try setAutoprobe(autoprobe, of: address)
    }
    if present.count != goal.count {
      if !present.isEmpty { try setCount(0, of: address) }
      if goal.count > 0 { try setCount(goal.count, of: address) }
    }
    // VFs that exist already may have only some of the settings, after an interrupted rollback.
    let places = try places(of: address)
    guard !places.isEmpty, !goal.settings.isEmpty else { return }
    let all = try settings(ofVFsOf: address)
    for (place, settings) in zip(places, goal.settings) {
      try set(settings, of: place, from: Self.settings(of: place, in: all))
    }
  }

  /// The settings that the PF keeps for one VF.
  func settings(of place: VFLocation) throws(HostFailure) -> VFSettings {
    try Self.settings(of: place, in: settings(ofVFsOf: place.physicalFunction))
  }

  private static func settings(
    of place: VFLocation, in all: [Int: VFSettings]
  ) throws(HostFailure) -> VFSettings {
    if let found = all[place.index] { return found }
    throw HostFailure(
      .unreadable, "the PF \(place.physicalFunction) does not report its VF \(place.index)")
  }

  /// Applies the settings that differ from the present ones.
  ///
  /// - Throws: `HostFailure(.refused)` if the driver rejects a value, `.stuck` if the kernel does not answer.
  mutating func set(_ settings: VFSettings, of place: VFLocation) throws(HostFailure) {
    try set(settings, of: place, from: self.settings(of: place))
  }

  /// Sets each value by a separate request, because the kernel stops at the first value that the
  /// driver does not support and does not report which. A value that is already set is skipped: a
  /// driver may reject it all the same, and then a partial change could not be undone.
  private mutating func set(
    _ settings: VFSettings, of place: VFLocation, from now: VFSettings
  ) throws(HostFailure) {
    let settings = settings.difference(from: now)
    guard !settings.isEmpty else { return }
    let interface = try interface(of: place.physicalFunction)
    for (setting, kernel) in KernelSetting.all {
      guard let value = kernel.words(settings) else { continue }
      let words = ["link", "set", "dev", interface, "vf", "\(place.index)"] + value
      guard let problem = try set(settings.only(setting), of: place, by: words) else { continue }
      let command = words.joined(separator: " ")
      if problem.isTimeout { throw HostFailure(.stuck, "\(command): \(problem.reason)") }
      let driver = try binding(of: place.physicalFunction).driver ?? "no driver"
      throw HostFailure(
        .refused, "\(command): \(problem.reason)",
        help: "\(driver), the driver of the PF, does not accept this; remove it from the claim, or see dmesg")
    }
  }

  private func places(of address: PCIAddress) throws(HostFailure) -> [VFLocation] {
    try virtualFunctions(of: address).enumerated().map { index, member in
      VFLocation(address: member, physicalFunction: address, index: index)
    }
  }
}

extension HostFailure {
  /// The failure if the PF has no network interface in this namespace: its VFs are configured
  /// through that interface.
  static func noInterface(_ address: PCIAddress) -> HostFailure {
    HostFailure(
      .unreadable, "cannot set the VFs of \(address): it has no interface in this network namespace",
      help: "if the interface is in another network namespace, move it to this one")
  }
}
