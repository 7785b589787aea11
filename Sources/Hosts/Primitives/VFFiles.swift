import HostModel
import Planning

/// Why the kernel has not set one value of a VF.
struct VFSettingProblem {
  let reason: String
  /// Whether it may still be at work on that.
  var isLate = false
}

/// What sysfs and the PF's driver offer for VFs, on a real kernel or a simulated one.
protocol VFFiles: Holdable {
  func virtualFunctions(of address: PCIAddress) throws(HostFailure) -> [PCIAddress]
  func autoprobe(of address: PCIAddress) throws(HostFailure) -> Bool?
  /// What the PF holds of its VFs, by their numbers.
  func settings(ofVFsOf address: PCIAddress) throws(HostFailure) -> [Int: VFSettings]
  mutating func setAutoprobe(_ isOn: Bool, of address: PCIAddress) throws(HostFailure)
  mutating func setCount(_ count: Int, of address: PCIAddress) throws(HostFailure)
  /// What the kernel answers where it does not set one value, `link set dev PF vf N …` in the words of ip(8); nil where it
  /// has set it.
  mutating func set(
    _ one: VFSettings, of place: VFPlace, by words: [String]
  ) throws(HostFailure) -> VFSettingProblem?
  func interface(of address: PCIAddress) throws(HostFailure) -> String
  func binding(of address: PCIAddress) throws(HostFailure) -> Binding
}

extension VFFiles {
  /// The VFs as they are now, with what is needed to make them again.
  func vfSet(of address: PCIAddress) throws(HostFailure) -> VFSet {
    let places = try places(of: address)
    let all = places.isEmpty ? [:] : try settings(ofVFsOf: address)
    var settings: [VFSettings] = []
    for place in places { settings.append(try Self.settings(of: place, in: all)) }
    return VFSet(count: settings.count, autoprobe: try autoprobe(of: address), settings: settings)
  }

  /// Whether VFs are taken by the host's driver is decided before they come. The kernel changes no number but 0.
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
    // Those that are there may have only a part of theirs, where pcipass was killed on the way back.
    let places = try places(of: address)
    guard !places.isEmpty, !goal.settings.isEmpty else { return }
    let all = try settings(ofVFsOf: address)
    for (place, settings) in zip(places, goal.settings) {
      try set(settings, of: place, from: Self.settings(of: place, in: all))
    }
  }

  func settings(of place: VFPlace) throws(HostFailure) -> VFSettings {
    try Self.settings(of: place, in: settings(ofVFsOf: place.physicalFunction))
  }

  private static func settings(
    of place: VFPlace, in all: [Int: VFSettings]
  ) throws(HostFailure) -> VFSettings {
    if let found = all[place.index] { return found }
    throw HostFailure(
      .unreadable, "the PF \(place.physicalFunction) tells nothing of its VF \(place.index)")
  }

  mutating func set(_ settings: VFSettings, of place: VFPlace) throws(HostFailure) {
    try set(settings, of: place, from: self.settings(of: place))
  }

  /// One call for each value: the kernel stops at the first one that a driver has not, and which that was can be
  /// said only so. What is so already is not asked for: a driver may refuse that, too, and then nothing half done
  /// could be undone.
  private mutating func set(
    _ settings: VFSettings, of place: VFPlace, from now: VFSettings
  ) throws(HostFailure) {
    let settings = settings.difference(from: now)
    guard !settings.isEmpty else { return }
    let interface = try interface(of: place.physicalFunction)
    for (setting, kernel) in KernelSetting.all {
      guard let value = kernel.words(settings) else { continue }
      let words = ["link", "set", "dev", interface, "vf", "\(place.index)"] + value
      guard let problem = try set(settings.only(setting), of: place, by: words) else { continue }
      let command = words.joined(separator: " ")
      if problem.isLate { throw HostFailure(.stuck, "\(command): \(problem.reason)") }
      let driver = try binding(of: place.physicalFunction).driver ?? "no driver"
      throw HostFailure(
        .refused, "\(command): \(problem.reason)",
        help: "\(driver), the driver of the PF, does not take that; leave it out of the claim, or see dmesg")
    }
  }

  private func places(of address: PCIAddress) throws(HostFailure) -> [VFPlace] {
    try virtualFunctions(of: address).enumerated().map { index, member in
      VFPlace(address: member, physicalFunction: address, index: index)
    }
  }
}

extension HostFailure {
  static func noInterface(_ address: PCIAddress) -> HostFailure {
    HostFailure(
      .unreadable, "\(address) has no interface to be seen: its VFs cannot be set through it",
      help: "bring it back from another network namespace, if it is there")
  }
}
