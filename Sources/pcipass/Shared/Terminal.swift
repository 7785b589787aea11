import Documents
import Glibc
import Reporting

/// The terminal, or what stands in its place.
enum Terminal {
  static let isOutput = isatty(STDOUT_FILENO) == 1
  static let canAsk = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1

  /// Colour on a terminal that has it, unless NO_COLOR (no-color.org) asks for none.
  static let output = style(STDOUT_FILENO)
  static let error = style(STDERR_FILENO)

  private static func style(_ descriptor: CInt) -> Style {
    let noColor = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
    let isDumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? true
    return Style(isColored: isatty(descriptor) == 1 && !noColor && !isDumb)
  }

  static func write(_ text: String) { write(text, to: STDOUT_FILENO) }

  static func writeError(_ text: String) { write(text, to: STDERR_FILENO) }

  /// Written at once, so that lines are there when what they speak of is.
  private static func write(_ text: String, to descriptor: CInt) {
    var text = text
    text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)[...]
      while !rest.isEmpty {
        let written = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if written < 0, errno == EINTR { continue }
        // Nobody reads any more: what is to be done is done all the same.
        if written <= 0 { return }
        rest = rest.dropFirst(written)
      }
    }
  }

  /// Whether the answer to a question was `yes`.
  static func confirm(_ question: String) -> Bool {
    writeError(question + " Only 'yes' is taken for yes: ")
    return readLine(strippingNewline: true) == "yes"
  }
}
