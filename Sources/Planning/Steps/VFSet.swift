import Documents
import HostModel

/// A PF's VFs as one: they come and go together.
public struct VFSet: Sendable, Hashable {
  public var count: Int
  /// `sriov_drivers_autoprobe`: whether the host's driver takes VFs as they come. Nil where the kernel has no such
  /// file.
  public var autoprobe: Bool?
  /// What the PF holds of each, in their order, for the way back; empty for new ones.
  public var settings: [VFSettings]

  public init(count: Int, autoprobe: Bool?, settings: [VFSettings] = []) {
    self.count = count
    self.autoprobe = autoprobe
    self.settings = settings
  }

  public var words: String { "\(count) VF\(count == 1 ? "" : "s")" }

  /// Of new ones it does not count what the PF holds of them: that is set separately.
  public func isMet(by actual: VFSet) -> Bool {
    count == actual.count && (autoprobe == nil || autoprobe == actual.autoprobe)
      && zip(settings, actual.settings).allSatisfy { $0.isMet(by: $1) }
  }
}

extension HostIndex {
  /// The VFs that a PF has, with what is needed to make them again.
  func vfSet(of address: PCIAddress, _ sriov: SRIOV) -> VFSet {
    VFSet(
      count: sriov.count, autoprobe: sriov.autoprobe,
      settings: (virtualFunctions[address] ?? []).map {
        $0.virtualFunction?.settings.value ?? VFSettings()
      })
  }
}

extension VFSet: CustomStringConvertible {
  public var description: String {
    words + (autoprobe.map { " (autoprobe \($0 ? "on" : "off"))" } ?? "")
  }
}

extension VFSet {
  static let form = Form<VFSet>.record(
    "VFSet", "A PF's VFs.",
    Field("count", \.count, .integer(0...65535), "Their number."),
    Field(
      "autoprobe", \.autoprobe, optional: .boolean,
      "sriov_drivers_autoprobe: whether the host's driver takes them as they come."),
    Field(
      "settings", \.settings, .list(of: VFSettings.form, upTo: 65535), default: [],
      "What the PF holds of each."),
    make: { count, autoprobe, settings in VFSet(count: count, autoprobe: autoprobe, settings: settings) })
}

/// A VF by its PF, and its own address.
public struct VFPlace: Sendable, Hashable {
  public var address: PCIAddress
  public var physicalFunction: PCIAddress
  public var index: Int

  public init(address: PCIAddress, physicalFunction: PCIAddress, index: Int) {
    self.address = address
    self.physicalFunction = physicalFunction
    self.index = index
  }
}
