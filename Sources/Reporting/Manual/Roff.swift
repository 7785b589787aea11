/// A writer of roff with the macros of man(7), for groff and mandoc.
struct Roff {
  private(set) var text = ""

  mutating func macro(_ name: String, _ arguments: String...) {
    text += "." + name + arguments.reduce(into: "") { $0 += " \"" + Self.escaped($1) + "\"" } + "\n"
  }

  /// An item of a list. Both texts are roff already.
  mutating func item(_ term: String, _ meaning: String) {
    text += ".TP\n"
    line(term)
    fill(meaning)
  }

  /// Text that is roff already, wrapped into source lines.
  mutating func fill(_ roff: String) {
    var row = ""
    for word in roff.split(separator: " ") {
      if !row.isEmpty, row.utf8.count + word.utf8.count >= Self.longest {
        line(row)
        row = ""
      }
      row += (row.isEmpty ? "" : " ") + word
    }
    if !row.isEmpty { line(row) }
  }

  private static let longest = 78

  /// One source line that is roff already.
  mutating func line(_ roff: String) {
    // A `.` or `'` at the start of a line would make it a request.
    let isRequest = roff.first == "." || roff.first == "'"
    text += (isRequest ? "\\&" : "") + roff + "\n"
  }

  static func bold(_ words: String) -> String { "\\fB" + escaped(words) + "\\fR" }
  static func italic(_ words: String) -> String { "\\fI" + escaped(words) + "\\fR" }

  /// Escapes text, so that nothing in it is interpreted as roff and hyphens can be searched for and copied.
  static func escaped(_ words: String) -> String {
    words.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "\\": result += "\\(rs"
      case "-": result += "\\-"
      case "\"": result += "\\(dq"
      case "'": result += "\\(aq"
      case "`": result += "\\(ga"
      case "^": result += "\\(ha"
      case "~": result += "\\(ti"
      case "\n": result += " "
      case "\u{20}"..."\u{7E}": result.unicodeScalars.append(scalar)
      default:
        let digits = String(scalar.value, radix: 16, uppercase: true)
        result += "\\[u" + String(repeating: "0", count: max(4 - digits.count, 0)) + digits + "]"
      }
    }
  }
}
