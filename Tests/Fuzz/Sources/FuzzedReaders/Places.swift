import Documents
import Reporting

/// How far the lines of a text go, to tell whether a place lies inside of it.
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

  /// Behind the last character is inside: what is missing is missing there.
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

/// Whether people and terminals can be shown what was found wrong.
func check(_ diagnostics: [Diagnostic]) throws(Broken) {
  for diagnostic in diagnostics {
    for place in [diagnostic.location, diagnostic.related] {
      if let place { try Places(place.source).check(place.position, diagnostic.message) }
    }
  }
  // Nobody reads more, and a long text is searched for each.
  var text = DiagnosticText(style: .plain)
  try expectPrintable(text.text(Array(diagnostics.prefix(20))))
}

func expectPrintable(_ shown: String) throws(Broken) {
  try expect(
    shown.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) },
    "a control character is shown: \(shown.debugDescription)")
}
