/// How a command ends, for the program that started it.
struct ExitStatus: Equatable, Sendable {
  let code: Int32

  /// Done, or nothing to do.
  static let success = ExitStatus(code: 0)
  /// An error, or a refusal.
  static let failure = ExitStatus(code: 1)
  /// Where asked for: there are changes, or something has drifted.
  static let changes = ExitStatus(code: 2)
  /// `doctor` found errors or warnings.
  static let findings = ExitStatus(code: 2)
  /// An apply is waiting for its confirmation.
  static let waiting = ExitStatus(code: 6)
}
