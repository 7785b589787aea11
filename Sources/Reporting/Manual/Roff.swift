/// Writes roff by the macros of man(7), as groff and mandoc read them.
struct Roff {
  private(set) var text = ""

  mutating func macro(_ name: String, _ arguments: String...) {
    text += "." + name + arguments.reduce(into: "") { $0 += " \"" + Self.escaped($1) + "\"" } + "\n"
  }

  /// What a word or an option means; both are roff already.
  mutating func item(_ term: String, _ meaning: String) {
    text += ".TP\n"
    line(term)
    fill(meaning)
  }

  /// Text that is roff already, in lines of the length that roff is written in.
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

  /// One line of text that is roff already.
  mutating func line(_ roff: String) {
    // At the start these make it a request.
    let isRequest = roff.first == "." || roff.first == "'"
    text += (isRequest ? "\\&" : "") + roff + "\n"
  }

  static func bold(_ words: String) -> String { "\\fB" + escaped(words) + "\\fR" }
  static func italic(_ words: String) -> String { "\\fI" + escaped(words) + "\\fR" }

  /// The text as it stands: nothing in it is read as roff, and a hyphen can be searched for and copied.
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
