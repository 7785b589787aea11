import Documents
import Planning
import Reporting

extension Terminal {
  /// Prints what is worth knowing; the command goes on.
  func warn(_ diagnostics: [Diagnostic]) {
    var text = DiagnosticText(style: errorStyle, width: errorWidth)
    writeError(text.text(diagnostics))
  }

  /// The same of refusals, where the command goes on without what they are about.
  func warn(_ refusals: [Refusal]) {
    writeError(TextWrap(width: errorWidth).text(PlanText(style: errorStyle).text(refusals), hanging: "    "))
  }

  /// Prose for the output, whose lines are broken at words where the terminal is narrower.
  func wrapped(_ text: String) -> String { TextWrap(width: width).text(text, hanging: "    ") }

  /// Prints why a command ends.
  func print(_ failure: CommandFailure) {
    warn(failure.refusals.map(\.part))
    write(failure.text)
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
