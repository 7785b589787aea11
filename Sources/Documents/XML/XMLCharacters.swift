/// White space of markup (XML 1.0, production S): space, tab, CR and LF.
@inline(__always)
func isXMLSpace(_ byte: UInt8) -> Bool { byte <= 0x20 && 0x1_0000_2600 as UInt64 >> UInt64(byte) & 1 == 1 }

extension Unicode.Scalar {
  /// Whether a document may contain the scalar, directly or as a reference (XML 1.0, production Char).
  var isInXML: Bool {
    switch value {
    case 0x09, 0x0A, 0x0D, 0x20...0xFFFD, 0x10000...: true
    default: false
    }
  }

  /// Whether a name may start with the scalar (XML 1.0, production NameStartChar without the colon).
  var beginsXMLName: Bool {
    switch value {
    case 0x41...0x5A, 0x5F, 0x61...0x7A, 0xC0...0xD6, 0xD8...0xF6, 0xF8...0x2FF, 0x370...0x37D,
      0x37F...0x1FFF, 0x200C...0x200D, 0x2070...0x218F, 0x2C00...0x2FEF, 0x3001...0xD7FF, 0xF900...0xFDCF,
      0xFDF0...0xFFFD, 0x10000...0xEFFFF:
      true
    default: false
    }
  }

  /// Whether the scalar may follow in a name (XML 1.0, production NameChar without the colon).
  var continuesXMLName: Bool {
    switch value {
    case 0x2D, 0x2E, 0x30...0x39, 0xB7, 0x300...0x36F, 0x203F...0x2040: true
    default: beginsXMLName
    }
  }
}

extension XMLCursor {
  /// Checks the whole text for invalid UTF-8 and for characters that XML forbids. The other functions rely on
  /// this check.
  func checkCharacters() throws(Diagnostics) {
    guard let offset = firstRefused() else { return }
    let first = bytes[offset]
    if first < 0x20 {
      let code = (first < 0x10 ? "U+000" : "U+00") + String(first, radix: 16, uppercase: true)
      throw error("XML does not allow the character \(code)", at: offset..<offset)
    }
    if first == 0xEF, byte(at: offset + 1) == 0xBF, byte(at: offset + 2) & 0xFE == 0xBE {
      throw error("XML does not allow U+FFFE and U+FFFF", at: offset..<offset)
    }
    throw error("this is not UTF-8", at: offset..<offset, code: "xml-encoding")
  }

  private func firstRefused() -> Int? {
    guard let start = bytes.baseAddress.map(UnsafeRawPointer.init) else { return nil }
    var offset = 0
    while offset < bytes.count {
      // Eight bytes are checked at once where all are in the range 0x20 to 0x7F.
      if bytes.count - offset >= 8 {
        let word = start.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        if ((word &- 0x2020_2020_2020_2020) | word) & 0x8080_8080_8080_8080 == 0 {
          offset += 8
          continue
        }
      }
      let length = lengthOfCharacter(at: offset)
      if length == 0 { return offset }
      offset += length
    }
    return nil
  }

  /// The number of bytes of a character; 0 where the bytes are not a valid character for XML.
  private func lengthOfCharacter(at offset: Int) -> Int {
    let first = bytes[offset]
    let second = byte(at: offset + 1)
    switch first {
    case 0x20..<0x80, 0x09, 0x0A, 0x0D: return 1
    case 0xC2...0xDF: return isTrail(offset + 1) ? 2 : 0
    case 0xE0...0xEF:
      guard isTrail(offset + 1), isTrail(offset + 2) else { return 0 }
      // The checks refuse overlong encodings, surrogates, U+FFFE and U+FFFF.
      if first == 0xE0 && second < 0xA0 || first == 0xED && second >= 0xA0 { return 0 }
      return first == 0xEF && second == 0xBF && bytes[offset + 2] >= 0xBE ? 0 : 3
    case 0xF0...0xF4:
      guard isTrail(offset + 1), isTrail(offset + 2), isTrail(offset + 3) else { return 0 }
      return first == 0xF0 && second < 0x90 || first == 0xF4 && second >= 0x90 ? 0 : 4
    default: return 0
    }
  }

  private func isTrail(_ offset: Int) -> Bool { byte(at: offset) & 0xC0 == 0x80 }
}
