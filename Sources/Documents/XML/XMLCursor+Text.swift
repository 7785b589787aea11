extension XMLCursor {
  /// Reads text and references up to the next markup or the end of the text.
  mutating func characterData(into text: inout [UInt8]) throws(Diagnostics) {
    while true {
      let start = offset
      while !endsPlainText(byte) { offset += 1 }
      text.append(contentsOf: bytes[start..<offset])
      switch byte {
      case UInt8(ascii: "&"): try reference(into: &text)
      case UInt8(ascii: "\r"): lineEnd(into: &text)
      case UInt8(ascii: "]"):
        guard !isAt("]]>") else { throw error("text cannot contain ']]>'", help: "write ]]&gt;") }
        text.append(byte)
        offset += 1
      default: return
      }
    }
  }

  private func endsPlainText(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "<") || byte == UInt8(ascii: "&") || byte == UInt8(ascii: "]")
      || byte == UInt8(ascii: "\r") || byte == 0
  }

  /// Appends LF for CR LF and for a lone CR (XML 1.0, section 2.11).
  private mutating func lineEnd(into text: inout [UInt8]) {
    offset += 1
    if byte != UInt8(ascii: "\n") { text.append(UInt8(ascii: "\n")) }
  }

  /// Reads markup that starts with `<!` within an element.
  mutating func commentOrCDATA(into text: inout [UInt8]) throws(Diagnostics) {
    if isAt("<!--") { return try comment() }
    let section = offset
    guard skip("<![CDATA[") else {
      throw isAt("<!DOCTYPE") ? doctype() : error("expected a comment, CDATA or a tag")
    }
    while true {
      let start = offset
      while byte != UInt8(ascii: "]"), byte != UInt8(ascii: "\r"), byte != 0 { offset += 1 }
      text.append(contentsOf: bytes[start..<offset])
      switch byte {
      case UInt8(ascii: "\r"): lineEnd(into: &text)
      case UInt8(ascii: "]"):
        if skip("]]>") { return }
        text.append(byte)
        offset += 1
      default: throw error("this section has no closing ']]>'", at: section..<section + 9)
      }
    }
  }
}
