extension XMLCursor {
  mutating func skipByteOrderMark() {
    if bytes.starts(with: Source.byteOrderMark) { offset = Source.byteOrderMark.count }
  }

  /// Skips what may precede and follow the root element: white space, comments and processing
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
      "pcipass does not read document type definitions", at: offset..<offset + 9, code: "xml-doctype",
      help: "remove it: libvirt does not write one")
  }

  mutating func comment() throws(Diagnostics) {
    let start = offset
    offset += 4
    while true {
      offset = next(UInt8(ascii: "-"), from: offset)
      guard !isAtEnd else { throw error("this comment has no closing '-->'", at: start..<start + 4) }
      guard byte(at: offset + 1) == UInt8(ascii: "-") else {
        offset += 1
        continue
      }
      guard skip("-->") else { throw error("a comment cannot contain '--'", at: offset..<offset + 2) }
      return
    }
  }

  mutating func processingInstruction() throws(Diagnostics) {
    let start = offset
    offset += 2
    let nameStart = offset
    guard skipPartOfName(), byte != UInt8(ascii: ":") else {
      throw error("expected the name of a processing instruction, without a colon")
    }
    let name = text(nameStart..<offset)
    guard name.lowercased() != "xml" else {
      throw error(
        "an XML declaration must be the first thing in the file, in lower case", at: start..<offset,
        help: "remove what precedes it, or remove the declaration")
    }
    guard isXMLSpace(byte) || isAt("?>") else { throw error("expected white space or '?>'") }
    while !isAt("?>") {
      offset = next(UInt8(ascii: "?"), from: offset + 1)
      guard !isAtEnd else { throw error("this instruction has no closing '?>'", at: start..<start + 2) }
    }
    offset += 2
  }
}
