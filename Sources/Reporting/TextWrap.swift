/// How text is broken into lines that fit a width.
public struct TextWrap {
  /// The width of a line, in the unit of `measure`; nil means no limit.
  let width: Int?
  /// Whether a word that is longer than a line is broken. A terminal leaves it whole, so that a path or a
  /// command can be copied.
  var breaksWords = false
  var measure: (String) -> Int = { textWidth(withoutAttributes($0)) }

  /// - Parameter width: the width of the terminal in columns; nil means no limit.
  public init(width: Int?) { self.width = width }

  init(width: Int, breaksWords: Bool, measure: @escaping (String) -> Int) {
    self.width = width
    self.breaksWords = breaksWords
    self.measure = measure
  }

  /// Returns the text of one or more lines, each broken at its blanks. Continuation lines begin with the
  /// indentation of their line and `hanging`. Text attributes of a terminal have no width.
  ///
  /// - Parameter hanging: the blanks before continuation lines, in addition to the line's own.
  public func text(_ text: String, hanging: String = "") -> String {
    guard width != nil else { return text }
    return text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { line in
        let indent = String(line.prefix { $0 == " " })
        return lines(String(line.dropFirst(indent.count)), first: indent, next: indent + hanging)
          .joined(separator: "\n")
      }.joined(separator: "\n")
  }

  /// Returns the lines of a text without line ends, broken at blanks.
  ///
  /// - Parameters:
  ///   - first: the indentation of the first line.
  ///   - next: the indentation of the other lines.
  func lines(_ text: String, first: String = "", next: String = "") -> [String] {
    guard let width else { return [first + text] }
    var result: [String] = []
    var line = first
    var isEmpty = true
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      if !isEmpty, measure(line + " " + word) > width {
        result.append(line.trimmingBlanks)
        (line, isEmpty) = (next, true)
      }
      // Blanks between two columns do not indent the next line.
      if isEmpty, word.isEmpty, !result.isEmpty { continue }
      if !isEmpty { line += " " }
      line += word
      isEmpty = false
      while breaksWords, measure(line) > width {
        let head = fitting(line, in: width)
        // The indentation leaves no room.
        guard head.count > next.count, head.count < line.count else { break }
        result.append(head)
        line = next + line.dropFirst(head.count)
      }
    }
    return result + [line]
  }

  /// Joins parts with a separator and starts a new line where the next part does not fit as a whole.
  func lines(of parts: [String], separator: String) -> [String] {
    guard let width else { return [parts.joined(separator: separator)] }
    return parts.reduce(into: []) { result, part in
      if let last = result.last, measure(last + separator + part) <= width {
        result[result.count - 1] += separator + part
      } else {
        result += lines(part)
      }
    }
  }

  /// The longest beginning that fits, at least one character.
  private func fitting(_ text: String, in width: Int) -> String {
    var head = ""
    for character in text {
      guard head.isEmpty || measure(head + String(character)) <= width else { break }
      head.append(character)
    }
    return head
  }
}

extension String {
  /// The text without blanks at its end.
  fileprivate var trimmingBlanks: String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}

/// The text without the attributes that `Style` adds.
private func withoutAttributes(_ text: String) -> String {
  guard text.utf8.contains(0x1B) else { return text }
  var result = ""
  var isAttribute = false
  for character in text {
    if character == "\u{1B}" { isAttribute = true }
    if !isAttribute { result.append(character) }
    if character == "m" { isAttribute = false }
  }
  return result
}
