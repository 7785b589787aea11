import Files
import Glibc

/// A position in the text of a document, which moves forward as the document is read.
struct XMLCursor {

  let source: Source
  let bytes: Bytes
  var offset = 0

  init(_ source: Source, _ bytes: Bytes) {
    self.source = source
    self.bytes = bytes
  }

  var isAtEnd: Bool { offset >= bytes.count }

  /// The byte at the position. At the end of the text it is 0, which no document may contain.
  var byte: UInt8 { byte(at: offset) }

  func byte(at offset: Int) -> UInt8 { offset < bytes.count ? bytes[offset] : 0 }

  func text(_ range: Range<Int>) -> String {
    String(decoding: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self)
  }

  func isAt(_ literal: StaticString) -> Bool {
    let count = literal.utf8CodeUnitCount
    guard bytes.count - offset >= count, let start = bytes.baseAddress else { return false }
    return memcmp(start + offset, literal.utf8Start, count) == 0
  }

  mutating func skip(_ literal: StaticString) -> Bool {
    guard isAt(literal) else { return false }
    offset += literal.utf8CodeUnitCount
    return true
  }

  /// Skips the same bytes as in another range of the text, if they are at the position.
  mutating func skip(copyOf range: Range<Int>) -> Bool {
    guard bytes.count - offset >= range.count, let start = bytes.baseAddress,
      memcmp(start + offset, start + range.lowerBound, range.count) == 0
    else { return false }
    offset += range.count
    return true
  }

  /// Skips white space. Returns whether there was any.
  @discardableResult
  mutating func skipSpace() -> Bool {
    let start = offset
    while isXMLSpace(byte) { offset += 1 }
    return offset > start
  }

  /// The offset of the next occurrence of the byte, or the end of the text.
  func next(_ byte: UInt8, from offset: Int) -> Int {
    guard offset < bytes.count, let start = bytes.baseAddress,
      let found = memchr(start + offset, CInt(byte), bytes.count - offset)
    else { return bytes.count }
    return UnsafeRawPointer(start).distance(to: UnsafeRawPointer(found))
  }

  /// An error at a range; without a range, at the position of the cursor.
  func error(
    _ message: String, at range: Range<Int>? = nil, code: String = "xml-syntax", related: Range<Int>? = nil,
    help: String? = nil
  ) -> Diagnostics {
    Diagnostics(
      code: code, message, at: location(of: range ?? offset..<offset), related: related.map(location),
      help: help)
  }

  private func location(of range: Range<Int>) -> SourceLocation {
    let shown = source.text[range].prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    let length = shown.reduce(0) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
    return SourceLocation(
      source: source, position: source.position(ofByte: range.lowerBound), length: max(length, 1))
  }
}
