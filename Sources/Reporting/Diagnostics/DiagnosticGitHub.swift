import Documents

/// Diagnostics as workflow commands, which GitHub Actions shows beside the lines of a pull request
/// (https://docs.github.com/actions/reference/workflow-commands-for-github-actions).
public enum DiagnosticGitHub {
  /// One line for each diagnostic.
  public static func text(_ diagnostics: [Diagnostic]) -> String {
    diagnostics.reduce(into: "") { $0 += line($1) + "\n" }
  }

  private static func line(_ diagnostic: Diagnostic) -> String {
    let command =
      switch diagnostic.severity {
      case .error: "error"
      case .warning: "warning"
      case .note: "notice"
      }
    var properties: [String] = []
    if let location = diagnostic.location {
      properties = [
        "file=" + property(location.source.name), "line=\(location.line)", "col=\(location.column)",
        "endColumn=\(location.column + location.length)",
      ]
    }
    properties.append("title=" + property(diagnostic.code))
    let origin = diagnostic.location?.source.origin
    let message =
      diagnostic.message + (origin.map { "\nrendered from \($0)" } ?? "")
      + (diagnostic.help.map { "\nhelp: \($0)" } ?? "")
    return "::\(command) \(properties.joined(separator: ","))::\(data(message))"
  }

  /// Escapes the characters that the runner decodes. A message can then have several lines and
  /// cannot contain another command.
  private static func data(_ text: String) -> String {
    text.replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
  }

  private static func property(_ text: String) -> String {
    data(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
  }
}
