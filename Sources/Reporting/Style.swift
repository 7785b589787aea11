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
