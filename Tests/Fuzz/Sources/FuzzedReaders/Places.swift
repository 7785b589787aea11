import Documents
import Reporting

/// The widths of the lines of a text, to check whether a position is inside the text.
struct Places {
  private let widths: [Int]

  init(_ source: Source) {
    var widths = [0]
    let mark = source.text.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    for byte in source.text.dropFirst(mark) {
      if byte == UInt8(ascii: "\n") {
        widths.append(0)
      } else if byte & 0xC0 != 0x80 {
        widths[widths.count - 1] += 1
      }
    }
    self.widths = widths
  }

  /// Checks that the position is inside the text. The position after the last character of a line
  /// counts as inside, because a missing character is reported there.
  func check(_ mark: Position, _ what: @autoclosure () -> String) throws(Broken) {
    let line = Int(mark.line)
    try expect(
      line < widths.count && mark.column <= widths[line],
      "\(mark.line + 1):\(mark.column + 1) lies outside of the text: \(what())")
  }

  func check(_ node: Node) throws(Broken) {
    try check(node.position, "a value")
    switch node.content {
    case .scalar: break
    case .sequence(let nodes): for node in nodes { try check(node) }
    case .mapping(let members):
      for member in members {
        try check(member.keyPosition, "the key \(member.key)")
        try check(member.value)
      }
    }
  }
}

/// Checks that the diagnostics have positions inside their texts and can be shown on a terminal.
func check(_ diagnostics: [Diagnostic]) throws(Broken) {
  for diagnostic in diagnostics {
    for place in [diagnostic.location, diagnostic.related] {
      if let place { try Places(place.source).check(place.position, diagnostic.message) }
    }
  }
  // 20 are enough, because each searches the text.
  var text = DiagnosticText(style: .plain)
  try expectPrintable(text.text(Array(diagnostics.prefix(20))))
}

func expectPrintable(_ shown: String) throws(Broken) {
  try expect(
    shown.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) },
    "a control character is shown: \(shown.debugDescription)")
}
