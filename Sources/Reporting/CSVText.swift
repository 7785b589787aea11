import Documents

/// Comma-separated values with a header line (RFC 4180).
struct CSVText {
  private(set) var text: String

  init(_ header: [String]) { text = Self.line(header) }

  /// Adds a line. The values may be text from outside.
  mutating func add(_ values: [String]) { text += Self.line(values) }

  private static func line(_ values: [String]) -> String {
    values.map(field).joined(separator: ",") + "\r\n"
  }

  /// A text that starts with `=`, `+`, `-` or `@` gets an apostrophe, because spreadsheets execute it as a
  /// formula otherwise.
  private static func field(_ text: String) -> String {
    var text = printable(text)
    if let first = text.unicodeScalars.first, "=+-@".unicodeScalars.contains(first), text != "-" {
      text = "'" + text
    }
    let needsQuotes = text.unicodeScalars.contains { ",\"\r\n".unicodeScalars.contains($0) }
    return needsQuotes
      ? "\"" + text.unicodeScalars.reduce(into: "") { $0 += $1 == "\"" ? "\"\"" : String($1) } + "\"" : text
  }
}
