import Documents

extension VFSetting {
  /// The table, made once: each row has forms.
  static let rows = allCases.map { (setting: $0, row: $0.row) }
}

extension VFSettings {
  public static let form = Form<VFSettings>.record(
    "VFSettings", "What a PF holds of one of its VFs.",
    table: VFSetting.rows.map { $0.row.observed($0.setting.rawValue) }, make: { VFSettings() })

  /// The keys by which a claim asks for settings.
  public static let claimFields = VFSetting.rows.map { $0.row.claimed($0.setting.rawValue) }

  /// What a PF's driver begins with.
  public static let initial = {
    var initial = VFSettings()
    for (_, row) in VFSetting.rows { row.setDefault(in: &initial) }
    return initial
  }()

  public var isEmpty: Bool { self == VFSettings() }

  /// The key of the first setting that is given, for an error that must name one.
  public var firstKey: String? { VFSetting.rows.first { $0.row.isGiven(in: self) }?.setting.rawValue }

  /// Whether the actual settings have all that this asks for.
  public func isMet(by actual: VFSettings) -> Bool { difference(from: actual).isEmpty }

  /// The settings that the actual ones do not have in the same way.
  public func difference(from actual: VFSettings) -> VFSettings {
    selected { _, row in row.isSame(in: self, actual) ? nil : self }
  }

  /// The other's values of the settings that are given here.
  public func counterpart(in other: VFSettings) -> VFSettings {
    selected { _, row in row.isGiven(in: self) ? other : nil }
  }

  /// These settings, replaced by the other's where it has them.
  public func with(_ other: VFSettings) -> VFSettings {
    selected { _, row in row.isGiven(in: other) ? other : self }
  }

  /// One setting alone.
  public func only(_ setting: VFSetting) -> VFSettings {
    selected { one, _ in one == setting ? self : nil }
  }

  /// The same, where each value has the parts that a manifest may leave out.
  public var completed: VFSettings {
    var result = self
    for (_, row) in VFSetting.rows { row.complete(&result) }
    return result
  }

  /// The settings that differ from what a PF's driver begins with.
  public var changed: VFSettings { completed.difference(from: .initial).counterpart(in: self) }

  /// Each setting as the chosen settings have it; nil leaves it out.
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
