import Documents
import Planning
import Reporting

extension Terminal {
  /// Prints warnings and notes. The command continues.
  func warn(_ diagnostics: [Diagnostic]) {
    var text = DiagnosticText(style: errorStyle, width: errorWidth)
    writeError(text.text(diagnostics))
  }

  /// Prints refusals as warnings. The command continues without the refused parts.
  func warn(_ refusals: [Refusal]) {
    writeError(TextWrap(width: errorWidth).text(PlanText(style: errorStyle).text(refusals), hanging: "    "))
  }

  /// Text for the output, with lines wrapped at words to the width of the terminal.
  func wrapped(_ text: String) -> String { TextWrap(width: width).text(text, hanging: "    ") }

  /// A plan for the output, wrapped like prose.
  func text(of plan: Plan, _ detail: DetailLevel = .normal) -> String {
    wrapped(PlanText(style: outputStyle, detail: detail).text(plan))
  }

  /// Prints the failure of a command.
  func print(_ failure: CommandFailure) {
    warn(failure.refusals.map(\.part))
    write(failure.text)
    warn(failure.diagnostics)
  }

  /// Prints a hint on the next command, on a terminal only.
  func writeNext(_ text: String, _ detail: DetailLevel = .normal) {
    if traits.isInteractive, detail != .quiet { write(wrapped(text) + "\n") }
  }
}

extension Diagnostic {
  /// The diagnostic as a warning, for commands that can continue.
  var asWarning: Diagnostic {
    var warning = self
    warning.severity = .warning
    return warning
  }
}
