import Documents
import HostModel

/// The VFs of a PF, which are created and deleted together.
public struct VFSet: Sendable, Hashable {
  public var count: Int
  /// Whether the kernel binds new VFs to a driver (`sriov_drivers_autoprobe`; Linux,
  /// `Documentation/ABI/testing/sysfs-bus-pci`). `nil` if the kernel has no such file.
  public var autoprobe: Bool?
  /// The settings of each VF, in the order of the indices, so that an undo can restore them. Empty
  /// if the VFs are new.
  public var settings: [VFSettings]

  public init(count: Int, autoprobe: Bool?, settings: [VFSettings] = []) {
    self.count = count
    self.autoprobe = autoprobe
    self.settings = settings
  }

  /// The number of VFs in words: `4 VFs`.
  public var words: String { "\(count) VF\(count == 1 ? "" : "s")" }

  /// Whether the VFs `actual` of a PF are as this set requires. Settings of new VFs are not
  /// compared, because separate steps set them.
  public func isMet(by actual: VFSet) -> Bool {
    count == actual.count && (autoprobe == nil || autoprobe == actual.autoprobe)
      && zip(settings, actual.settings).allSatisfy { $0.isMet(by: $1) }
  }
}

extension HostIndex {
  /// Returns the VFs that a PF has, with what is needed to create them again.
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
    "VFSet", "The VFs of a PF.",
    Field("count", \.count, .integer(0...65535), "Their number."),
    Field(
      "autoprobe", \.autoprobe, optional: .boolean,
      "sriov_drivers_autoprobe: whether the kernel binds new VFs to a driver."),
    Field(
      "settings", \.settings, .list(of: VFSettings.form, upTo: 65535), default: [],
      "The settings of each VF in the PF."),
    make: { count, autoprobe, settings in VFSet(count: count, autoprobe: autoprobe, settings: settings) })
}

/// A VF: its own address, its PF and its index there.
public struct VFLocation: Sendable, Hashable {
  public var address: PCIAddress
  public var physicalFunction: PCIAddress
  /// The number of the VF on its PF, counted from 0.
  public var index: Int

  public init(address: PCIAddress, physicalFunction: PCIAddress, index: Int) {
    self.address = address
    self.physicalFunction = physicalFunction
    self.index = index
  }
}
