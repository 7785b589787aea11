import Documents

extension VFSetting {
  /// All rows, made once, because each row contains forms.
  static let rows = allCases.map { (setting: $0, row: $0.row) }
}

extension VFSettings {
  /// The form of settings in snapshots and plans. Every key is optional.
  public static let form = Form<VFSettings>.record(
    "VFSettings", "The settings of a VF, as its PF reports them.",
    table: VFSetting.rows.map { $0.row.observed($0.setting.rawValue) }, make: { VFSettings() })

  /// The keys of the settings in a claim of a manifest.
  public static let claimFields = VFSetting.rows.map { $0.row.claimed($0.setting.rawValue) }

  /// The same keys without that of the MAC address, which belongs to one VF.
  public static let sharedFields = VFSetting.rows.filter { $0.setting != .mac }
    .map { $0.row.claimed($0.setting.rawValue) }

  /// The settings with which a PF's driver creates a VF.
  public static let initial = {
    var initial = VFSettings()
    for (_, row) in VFSetting.rows { row.setDefault(in: &initial) }
    return initial
  }()

  /// Whether no setting is given.
  public var isEmpty: Bool { self == VFSettings() }

  /// The key of the first setting that is given, for an error message.
  public var firstKey: String? { VFSetting.rows.first { $0.row.isGiven(in: self) }?.setting.rawValue }

  /// Whether `actual` has the same value for each setting that is given here.
  public func isMet(by actual: VFSettings) -> Bool { difference(from: actual).isEmpty }

  /// The settings given here whose value is not the one in `actual`.
  public func difference(from actual: VFSettings) -> VFSettings {
    selected { _, row in row.isSame(in: self, actual) ? nil : self }
  }

  /// The values that `other` has for the settings given here.
  public func counterpart(in other: VFSettings) -> VFSettings {
    selected { _, row in row.isGiven(in: self) ? other : nil }
  }

  /// These settings, overridden by those that `other` gives.
  public func with(_ other: VFSettings) -> VFSettings {
    selected { _, row in row.isGiven(in: other) ? other : self }
  }

  /// One setting alone.
  public func only(_ setting: VFSetting) -> VFSettings {
    selected { one, _ in one == setting ? self : nil }
  }

  /// These settings with a default for the parts that a manifest may omit, such as the minimum of a rate.
  public var completed: VFSettings {
    var result = self
    for (_, row) in VFSetting.rows { row.complete(&result) }
    return result
  }

  /// The settings whose values are not the initial ones.
  public var changed: VFSettings { completed.difference(from: .initial).counterpart(in: self) }

  /// Copies each setting from the settings that `source` chooses; nil leaves it out.
  private func selected(_ source: (VFSetting, any VFSettingRow) -> VFSettings?) -> VFSettings {
    var result = VFSettings()
    for (setting, row) in VFSetting.rows {
      if let source = source(setting, row) { row.copy(from: source, to: &result) }
    }
    return result
  }
}

extension VFSettings: CustomStringConvertible {
  public var description: String {
    VFSetting.rows.compactMap { $0.row.words(of: self) }.joined(separator: ", ")
  }
}
