/// The range of a name in the text, and that of its prefix if it has one.
struct XMLName {
  let range: Range<Int>
  let prefix: Range<Int>?
}

extension XMLCursor {
  /// Reads the name of an element or of an attribute.
  ///
  /// - Parameter what: the kind of name, for the error message.
  mutating func name(_ what: StaticString) throws(Diagnostics) -> XMLName {
    let start = offset
    guard skipPartOfName() else { throw error("expected \(what)") }
    guard byte == UInt8(ascii: ":") else { return XMLName(range: start..<offset, prefix: nil) }
    let prefix = start..<offset
    offset += 1
    guard skipPartOfName(), byte != UInt8(ascii: ":") else {
      throw error("a name has at most one colon, with a name before and after it", at: start..<offset)
    }
    return XMLName(range: start..<offset, prefix: prefix)
  }

  /// Whether the byte at the position would continue a name that was read up to there.
  var isInName: Bool { byte == UInt8(ascii: ":") || lengthOfNameCharacter() > 0 }

  /// Skips a name without a colon (Namespaces in XML 1.0, production NCName). Returns false where none starts
  /// here.
  mutating func skipPartOfName() -> Bool {
    let first = byte
    if first < 0x80 {
      guard isASCIINameStart(first) else { return false }
      offset += 1
    } else {
      guard let scalar = scalar(), scalar.beginsXMLName else { return false }
      offset += UTF8.width(scalar)
    }
    while true {
      let length = lengthOfNameCharacter()
      if length == 0 { return true }
      offset += length
    }
  }

  private func lengthOfNameCharacter() -> Int {
    let byte = byte
    if byte < 0x80 { return isNameByte(byte) ? 1 : 0 }
    guard let scalar = scalar(), scalar.continuesXMLName else { return 0 }
    return UTF8.width(scalar)
  }

  /// The scalar at the position, where it has more than one byte.
  private func scalar() -> Unicode.Scalar? {
    var decoder = UTF8()
    var rest = bytes[offset...].makeIterator()
    guard case .scalarValue(let scalar) = decoder.decode(&rest) else { return nil }
    return scalar
  }
}

private func isASCIINameStart(_ byte: UInt8) -> Bool {
  (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "_")
}

func isNameByte(_ byte: UInt8) -> Bool {
  isASCIINameStart(byte) || isDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
}
