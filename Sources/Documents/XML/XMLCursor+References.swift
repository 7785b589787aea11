extension XMLCursor {
  /// Reads `&…;` and appends the character that it refers to.
  mutating func reference(into text: inout [UInt8]) throws(Diagnostics) {
    let start = offset
    offset += 1
    if byte == UInt8(ascii: "#") { return try characterReference(from: start, into: &text) }
    let nameStart = offset
    guard skipPartOfName(), byte == UInt8(ascii: ";") else {
      throw error("this '&' does not start a reference", at: start..<start, help: "write &amp;")
    }
    let name = self.text(nameStart..<offset)
    offset += 1
    guard let byte = Self.entities.first(where: { $0.name == name })?.byte else {
      let meant = nearest(to: name, among: Self.entities.map(\.name))
      throw error(
        "unknown entity \(quotedExcerpt("&" + name + ";"))", at: start..<offset,
        help: meant.map { "did you mean &\($0);?" } ?? "write &amp; for the character '&'")
    }
    text.append(byte)
  }

  private static let entities = [
    (name: "amp", byte: UInt8(ascii: "&")), (name: "lt", byte: UInt8(ascii: "<")),
    (name: "gt", byte: UInt8(ascii: ">")), (name: "quot", byte: UInt8(ascii: "\"")),
    (name: "apos", byte: UInt8(ascii: "'")),
  ]

  private mutating func characterReference(
    from start: Int, into text: inout [UInt8]
  ) throws(Diagnostics) {
    offset += 1
    let isHexadecimal = skip("x")
    let digits = offset
    var value: UInt32 = 0
    while isHexadecimal ? isHexDigit(byte) : isDigit(byte) {
      let digit = isDigit(byte) ? byte - UInt8(ascii: "0") : (byte | 0x20) - UInt8(ascii: "a") + 10
      // The value is limited just above the last scalar, so that many digits cannot overflow it.
      value = min(value * (isHexadecimal ? 16 : 10) + UInt32(digit), 0x11_0000)
      offset += 1
    }
    guard offset > digits, byte == UInt8(ascii: ";") else {
      throw error(
        "this reference is not complete", at: start..<offset, help: "write &#DIGITS; or &#xHEXDIGITS;")
    }
    offset += 1
    guard let scalar = Unicode.Scalar(value), scalar.isInXML else {
      throw error("this refers to a character that XML does not allow", at: start..<offset)
    }
    text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.EncodedScalar())
  }
}
