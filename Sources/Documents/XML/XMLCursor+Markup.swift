extension XMLCursor {
  mutating func skipByteOrderMark() {
    if bytes.starts(with: Source.byteOrderMark) { offset = Source.byteOrderMark.count }
  }

  /// Skips what may stand before and after the root element: white space, comments and processing
  /// instructions.
  mutating func skipMiscellany() throws(Diagnostics) {
    while true {
      skipSpace()
      if isAt("<!--") {
        try comment()
      } else if isAt("<?") {
        try processingInstruction()
      } else if isAt("<!DOCTYPE") {
        throw doctype()
      } else {
        return
      }
    }
  }

  func doctype() -> Diagnostics {
    error(
      "a document type definition is not read", at: offset..<offset + 9, code: "xml-doctype",
      help: "take it out: libvirt writes none")
  }

  mutating func comment() throws(Diagnostics) {
    let start = offset
    offset += 4
    while true {
      offset = next(UInt8(ascii: "-"), from: offset)
      guard !isAtEnd else { throw error("no '-->' ends this comment", at: start..<start + 4) }
      guard byte(at: offset + 1) == UInt8(ascii: "-") else {
        offset += 1
        continue
      }
      guard skip("-->") else { throw error("'--' cannot stand in a comment", at: offset..<offset + 2) }
      return
    }
  }

  mutating func processingInstruction() throws(Diagnostics) {
    let start = offset
    offset += 2
    let nameStart = offset
    guard skipPartOfName(), byte != UInt8(ascii: ":") else {
      throw error("the name of a processing instruction was expected, without a colon")
    }
    let name = text(nameStart..<offset)
    guard name.lowercased() != "xml" else {
      throw error(
        "an XML declaration stands at the very beginning, in small letters", at: start..<offset,
        help: "take out what stands before it, or the declaration")
    }
    guard isXMLSpace(byte) || isAt("?>") else { throw error("white space or '?>' was expected") }
    while !isAt("?>") {
      offset = next(UInt8(ascii: "?"), from: offset + 1)
      guard !isAtEnd else { throw error("no '?>' ends this instruction", at: start..<start + 2) }
    }
    offset += 2
  }
}
