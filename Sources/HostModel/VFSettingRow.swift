import Documents

/// A row of the table of VF settings. The type of the setting's value is erased.
protocol VFSettingRow: Sendable {
  /// The field in a snapshot or a plan.
  func observed(_ key: String) -> TableField<VFSettings>
  /// The field in a claim of a manifest.
  func claimed(_ key: String) -> TableField<VFSettings>
  func isGiven(in settings: VFSettings) -> Bool
  func isSame(in one: VFSettings, _ other: VFSettings) -> Bool
  func copy(from source: VFSettings, to target: inout VFSettings)
  /// Sets the value with which a PF's driver creates a VF.
  func setDefault(in settings: inout VFSettings)
  /// Sets a default for the parts of the value that a manifest may omit.
  func complete(_ settings: inout VFSettings)
  func words(of settings: VFSettings) -> String?
  /// The words after the driver's name if the driver does not report the setting, and so does not
  /// have it.
  var unreported: String? { get }
  /// The reason why the driver cannot set this value; nil if it can.
  func refusal(of settings: VFSettings, by driver: VFDriver) -> String?
  /// The reason why the driver cannot set any value of a setting that is given; nil if it can.
  func missing(from driver: VFDriver, in settings: VFSettings) -> String?
}

struct TypedVFSettingRow<Value: Sendable & Hashable>: VFSettingRow {
  /// The form of the value in a document, and its description.
  typealias Key = (form: Form<Value>, about: String)

  private let path: any WritableKeyPath<VFSettings, Value?> & Sendable
  private let standard: Value
  private let observed: Key
  private let claimed: Key
  private let completed: @Sendable (Value) -> Value
  private let words: @Sendable (Value) -> String
  let unreported: String?
  private let refusal: @Sendable (Value, VFDriver) -> String?
  private let missing: @Sendable (VFDriver) -> String?

  init(
    _ path: any WritableKeyPath<VFSettings, Value?> & Sendable, default standard: Value, observed: Key,
    claimed: Key, completed: @escaping @Sendable (Value) -> Value = { $0 },
    words: @escaping @Sendable (Value) -> String, unreported: String? = nil,
    refusal: @escaping @Sendable (Value, VFDriver) -> String? = { _, _ in nil },
    missing: @escaping @Sendable (VFDriver) -> String? = { _ in nil }
  ) {
    self.path = path
    self.standard = standard
    self.observed = observed
    self.claimed = claimed
    self.completed = completed
    self.words = words
    self.unreported = unreported
    self.refusal = refusal
    self.missing = missing
  }

  func observed(_ key: String) -> TableField<VFSettings> {
    TableField(key, path, optional: observed.form, observed.about)
  }

  func claimed(_ key: String) -> TableField<VFSettings> {
    TableField(key, path, optional: claimed.form, claimed.about)
  }

  func isGiven(in settings: VFSettings) -> Bool { settings[keyPath: path] != nil }

  func isSame(in one: VFSettings, _ other: VFSettings) -> Bool {
    one[keyPath: path] == other[keyPath: path]
  }

  func copy(from source: VFSettings, to target: inout VFSettings) {
    target[keyPath: path] = source[keyPath: path]
  }

  func setDefault(in settings: inout VFSettings) { settings[keyPath: path] = standard }

  func complete(_ settings: inout VFSettings) {
    settings[keyPath: path] = settings[keyPath: path].map(completed)
  }

  func words(of settings: VFSettings) -> String? { settings[keyPath: path].map(words) }

  func refusal(of settings: VFSettings, by driver: VFDriver) -> String? {
    settings[keyPath: path].flatMap { refusal($0, driver) }
  }

  func missing(from driver: VFDriver, in settings: VFSettings) -> String? {
    isGiven(in: settings) ? missing(driver) : nil
  }
}
