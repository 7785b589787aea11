/// The text attributes of a terminal (ECMA-48, SGR).
public struct Style: Sendable {
  private let isColored: Bool

  public init(isColored: Bool) { self.isColored = isColored }

  /// Text without attributes, for files and pipes.
  public static let plain = Style(isColored: false)

  func bold(_ text: String) -> String { wrapped(text, "1") }
  func dim(_ text: String) -> String { wrapped(text, "2") }
  func red(_ text: String) -> String { wrapped(text, "31") }
  func green(_ text: String) -> String { wrapped(text, "32") }
  func yellow(_ text: String) -> String { wrapped(text, "33") }

  private func wrapped(_ text: String, _ code: String) -> String {
    isColored && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}

/// When output has colours.
public enum ColorChoice: String, CaseIterable, Sendable {
  case auto, always, never

  /// Whether output is coloured. `auto` follows the environment: NO_COLOR (no-color.org) switches
  /// colours off, CLICOLOR_FORCE (bixense.com/clicolors) switches them on for any output. Otherwise
  /// only a terminal has colours, unless TERM is `dumb` or not set. A variable without a value
  /// counts as not set.
  ///
  /// - Parameters:
  ///   - isTerminal: whether the output goes to a terminal.
  ///   - environment: the value of a variable.
  public func isColored(isTerminal: Bool, environment: (String) -> String?) -> Bool {
    switch self {
    case .always: return true
    case .never: return false
    case .auto:
      if environment("NO_COLOR")?.isEmpty == false { return false }
      if let force = environment("CLICOLOR_FORCE"), !force.isEmpty, force != "0" { return true }
      return isTerminal && environment("TERM").map { $0 != "dumb" } ?? false
    }
  }
}
