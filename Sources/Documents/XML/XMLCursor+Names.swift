/// Where a name stands.
struct XMLName {
  let range: Range<Int>
  /// Its prefix, if it has one.
  let prefix: Range<Int>?
}

extension XMLCursor {
  /// Reads the name of an element or of an attribute.
  mutating func name(_ what: StaticString) throws(Diagnostics) -> XMLName {
    let start = offset
    guard skipPartOfName() else { throw error("\(what) was expected") }
    guard byte == UInt8(ascii: ":") else { return XMLName(range: start..<offset, prefix: nil) }
    let prefix = start..<offset
    offset += 1
    guard skipPartOfName(), byte != UInt8(ascii: ":") else {
      throw error("a name has one colon at most, with a name before and behind it", at: start..<offset)
    }
    return XMLName(range: start..<offset, prefix: prefix)
  }

  /// Whether a name, had one been read up to here, would go on.
  var isInName: Bool { byte == UInt8(ascii: ":") || lengthOfNameCharacter() > 0 }

  /// Skips what the prefix of a name is, or what stands behind it; false if there is nothing of that kind.
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

  /// The character here, which is more than one byte long.
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
