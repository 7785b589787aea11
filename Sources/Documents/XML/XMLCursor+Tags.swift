extension XMLCursor {
  /// Skips white space within a start tag. Returns true before an attribute and false before the end of the
  /// tag.
  mutating func skipToAttribute(in tag: Int) throws(Diagnostics) -> Bool {
    let hasSpace = skipSpace()
    switch byte {
    case UInt8(ascii: ">"): return false
    case UInt8(ascii: "/"):
      guard byte(at: offset + 1) == UInt8(ascii: ">") else { throw error("expected '>' after '/'") }
      return false
    case 0: throw error("the document ends inside this tag", at: tag..<tag)
    default:
      guard hasSpace else { throw error("expected white space, '/>' or '>'") }
      return true
    }
  }

  mutating func attribute(_ hasNamespaces: inout Bool) throws(Diagnostics) -> XMLAttribute {
    let name = try name("the name of an attribute")
    if name.prefix != nil { hasNamespaces = true }
    let text = text(name.range)
    if text == "xmlns" { hasNamespaces = true }
    skipSpace()
    guard skip("=") else { throw error("expected '=' after the name of an attribute") }
    skipSpace()
    let quote = byte
    guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
      throw error("expected a value in quotes")
    }
    offset += 1
    let start = offset
    let value = try attributeValue(endingIn: quote)
    let contentRange = start..<offset
    offset += 1
    return XMLAttribute(
      name: text, value: value, range: name.range.lowerBound..<offset, contentRange: contentRange)
  }

  /// Reads the value up to the closing quote.
  private mutating func attributeValue(endingIn quote: UInt8) throws(Diagnostics) -> String {
    let start = offset
    while !endsPlainValue(byte, quote) { offset += 1 }
    if byte == quote { return text(start..<offset) }
    var value = Array(bytes[start..<offset])
    while byte != quote {
      let next = byte
      switch next {
      case 0: throw error("the document ends inside this value", at: start - 1..<start)
      case UInt8(ascii: "<"): throw error("a value cannot contain '<'", help: "write &lt;")
      case UInt8(ascii: "&"): try reference(into: &value)
      default:
        // CR LF is one line end, and so becomes one space.
        if next == UInt8(ascii: "\r"), byte(at: offset + 1) == UInt8(ascii: "\n") { offset += 1 }
        value.append(isXMLSpace(next) ? UInt8(ascii: " ") : next)
        offset += 1
      }
    }
    return String(decoding: value, as: UTF8.self)
  }

  private func endsPlainValue(_ byte: UInt8, _ quote: UInt8) -> Bool {
    byte == quote || byte < 0x20 || byte == UInt8(ascii: "&") || byte == UInt8(ascii: "<")
  }

  /// Refuses two attributes of the same name in one tag.
  func checkUnique(_ attributes: [XMLAttribute]) throws(Diagnostics) {
    guard attributes.count > 1 else { return }
    // Few attributes, the normal case, are compared with each other; many are put into a hash table. Bytes
    // are compared, because Swift compares strings by canonical equivalence.
    if attributes.count <= 16 {
      for index in attributes.indices.dropFirst() {
        let name = attributes[index].name
        for before in 0..<index where attributes[before].name == name {
          guard attributes[before].name.utf8.elementsEqual(name.utf8) else { continue }
          throw duplicate(attributes[index], of: attributes[before])
        }
      }
      return
    }
    var seen: [[UInt8]: XMLAttribute] = [:]
    for attribute in attributes {
      if let first = seen.updateValue(attribute, forKey: Array(attribute.name.utf8)) {
        throw duplicate(attribute, of: first)
      }
    }
  }

  func duplicate(_ attribute: XMLAttribute, of first: XMLAttribute) -> Diagnostics {
    error(
      "duplicate attribute \(quotedExcerpt(attribute.name))", at: attribute.range,
      related: first.range, help: "remove one of the two")
  }

  /// The end of the tag that starts at this offset. Where the tag is malformed, its name ends at white space
  /// or markup.
  func endOfTag(from start: Int) -> Int {
    var end = start + 1
    while end < bytes.count, !isXMLSpace(bytes[end]), bytes[end] != UInt8(ascii: "<") {
      end += 1
      if bytes[end - 1] == UInt8(ascii: ">") { break }
    }
    return end
  }
}
