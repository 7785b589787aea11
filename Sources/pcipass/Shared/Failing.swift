import ArgumentParser
import Documents
import Reporting

/// Exit statuses: 0 is done or nothing to do, 1 an error, 2 (where asked for) changes, or what doctor found, 6 that an apply
/// is waiting for its confirmation.
extension ExitCode {
  static let changes = ExitCode(2)
  static let findings = ExitCode(2)
  /// An apply is waiting for its confirmation.
  static let waiting = ExitCode(6)
}

/// Prints what is wrong and ends with status 1.
func fail(_ diagnostics: [Diagnostic]) -> ExitCode {
  warn(diagnostics)
  return .failure
}

/// Prints what is worth knowing, and goes on.
func warn(_ diagnostics: [Diagnostic]) {
  var text = DiagnosticText(style: Terminal.error)
  Terminal.writeError(text.text(diagnostics))
}

func fail(_ code: String, _ message: String, help: String? = nil) -> ExitCode {
  fail([Diagnostic(code: code, message, help: help)])
}

extension Diagnostic {
  /// For commands that can do without what it is about.
  var asWarning: Diagnostic {
    var warning = self
    warning.severity = .warning
    return warning
  }
}

/// What the work gives, or the end of the run with all that it found wrong.
func orFail<Value>(_ work: () throws(Diagnostics) -> Value) throws -> Value {
  do throws(Diagnostics) { return try work() } catch { throw fail(error.all) }
}

/// The same, where the work stops at the first thing wrong.
func orFailAtOnce<Value>(_ work: () throws(Diagnostic) -> Value) throws -> Value {
  do throws(Diagnostic) { return try work() } catch { throw fail([error]) }
}
