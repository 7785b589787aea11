extension XMLCursor {
  var isAtDeclaration: Bool { isAt("<?xml") && isXMLSpace(byte(at: offset + 5)) }

  /// Reads the XML declaration. Returns the range of the encoding's name, if the declaration has one.
  mutating func declaration() throws(Diagnostics) -> Range<Int>? {
    offset += 5
    guard let version = try pseudoAttribute("version") else { throw error("expected version=\"1.0\"") }
    guard isVersion(version) else {
      throw error("pcipass reads XML 1.0 only", at: version, help: "write version=\"1.0\"")
    }
    let encoding = try pseudoAttribute("encoding")
    if let encoding, !isEncodingName(encoding) {
      throw error("this is not the name of an encoding", at: encoding)
    }
    if let standalone = try pseudoAttribute("standalone"), !["yes", "no"].contains(text(standalone)) {
      throw error("expected yes or no", at: standalone)
    }
    skipSpace()
    guard skip("?>") else {
      throw error(
        "expected '?>'", help: "an XML declaration has version, encoding and standalone, in that order")
    }
    return encoding
  }

  /// Reads the pseudo-attribute if it comes next. Returns the range of its value.
  private mutating func pseudoAttribute(_ name: StaticString) throws(Diagnostics) -> Range<Int>? {
    let before = offset
    let hasSpace = skipSpace()
    guard isAt(name) else {
      offset = before
      return nil
    }
    guard hasSpace else { throw error("expected white space") }
    offset += name.utf8CodeUnitCount
    skipSpace()
    guard skip("=") else { throw error("expected '='") }
    skipSpace()
    let quote = byte
    guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
      throw error("expected a value in quotes")
    }
    let start = offset + 1
    let end = next(quote, from: start)
    guard end < bytes.count else { throw error("the document ends inside this value") }
    offset = end + 1
    return start..<end
  }

  /// A processor of XML 1.0 reads any version 1.x as 1.0 (XML 1.0, fifth edition, section 2.8).
  private func isVersion(_ range: Range<Int>) -> Bool {
    range.count > 2 && text(range).hasPrefix("1.") && bytes[range].dropFirst(2).allSatisfy(isDigit)
  }

  private func isEncodingName(_ range: Range<Int>) -> Bool {
    guard let first = bytes[range].first, (first | 0x20) &- UInt8(ascii: "a") < 26 else { return false }
    return bytes[range].allSatisfy(isNameByte)
  }
}
