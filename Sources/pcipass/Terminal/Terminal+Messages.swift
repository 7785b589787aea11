import Documents
import Planning
import Reporting

extension Terminal {
  /// Prints what is worth knowing; the command goes on.
  func warn(_ diagnostics: [Diagnostic]) {
    var text = DiagnosticText(style: errorStyle)
    writeError(text.text(diagnostics))
  }

  /// The same of refusals, where the command goes on without what they are about.
  func warn(_ refusals: [Refusal]) {
    let text = PlanText(style: errorStyle)
    writeError(refusals.reduce(into: "") { $0 += text.text($1) })
  }

  /// Prints why a command ends.
  func print(_ failure: CommandFailure) {
    warn(failure.refusals)
    warn(failure.diagnostics)
  }

  /// A hint on what to type next, for people: on a terminal only.
  func writeNext(_ text: String, _ detail: DetailLevel = .normal) {
    if traits.isInteractive, detail != .quiet { write(text + "\n") }
  }
}

extension Diagnostic {
  /// For commands that can do without what it is about.
  var asWarning: Diagnostic {
    var warning = self
    warning.severity = .warning
    return warning
  }
}
