import Files

/// Reads one JSON document (RFC 8259) into the same tree of nodes as `YAMLReader`, so that the same forms
/// decode plans, snapshots and manifests, with the same errors.
public struct JSONReader {
  private let source: Source
  private let limits: Limits
  private var offset = 0
  private var line = 0
  private var lineStart = 0
  /// The number of UTF-8 continuation bytes on this line, so that columns count characters.
  private var continuations = 0
  private var nodeCount = 0

  /// The value of the text. A byte order mark is skipped.
  ///
  /// - Throws: `json-syntax`, `duplicate-key`, or `limit` where the text exceeds one of the limits.
  public static func document(of source: Source, limits: Limits = Limits()) throws(Diagnostics) -> Node {
    try source.checkSize(limits)
    return try source.text.withUnsafeBufferPointer { bytes throws(Diagnostics) in
      var reader = JSONReader(source, limits)
      if bytes.starts(with: Source.byteOrderMark) {
        reader.offset = Source.byteOrderMark.count
        reader.lineStart = reader.offset
      }
      reader.skipSpace(bytes)
      let node = try reader.value(bytes, depth: 1)
      reader.skipSpace(bytes)
      guard reader.offset == bytes.count else { throw reader.error("expected the end of the document") }
      return node
    }
  }

  /// The members at the start of an object up to the first one whose value is not a string. They tell what a
  /// large document is without reading all of it.
  public static func firstTexts(of source: Source) -> [String: String] {
    source.text.withUnsafeBufferPointer { bytes in
      var reader = JSONReader(source, Limits())
      var result: [String: String] = [:]
      if bytes.starts(with: Source.byteOrderMark) { reader.offset = Source.byteOrderMark.count }
      reader.skipSpace(bytes)
      guard (try? reader.skip(UInt8(ascii: "{"), bytes)) == true else { return result }
      repeat {
        reader.skipSpace(bytes)
        guard let key = reader.text(bytes) else { return result }
        reader.skipSpace(bytes)
        guard (try? reader.skip(UInt8(ascii: ":"), bytes)) == true else { return result }
        reader.skipSpace(bytes)
        guard let value = reader.text(bytes) else { return result }
        result[key] = value
        reader.skipSpace(bytes)
      } while (try? reader.skip(UInt8(ascii: ","), bytes)) == true
      return result
    }
  }

  /// The string at this offset; nil where there is something else.
  private mutating func text(_ bytes: Bytes) -> String? {
    guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") else { return nil }
    return try? string(bytes)
  }

  private init(_ source: Source, _ limits: Limits) {
    self.source = source
    self.limits = limits
  }

  private var position: Position { Position(line: line, column: offset - lineStart - continuations) }

  private func error(_ message: String, code: String = "json-syntax", at position: Position? = nil)
    -> Diagnostics
  {
    Diagnostics(code: code, message, at: SourceLocation(source: source, position: position ?? self.position))
  }

  private mutating func skipSpace(_ bytes: Bytes) {
    while offset < bytes.count {
      switch bytes[offset] {
      case UInt8(ascii: "\n"):
        offset += 1
        line += 1
        lineStart = offset
        continuations = 0
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): offset += 1
      default: return
      }
    }
  }

  private mutating func value(_ bytes: Bytes, depth: Int) throws(Diagnostics) -> Node {
    guard offset < bytes.count else { throw error("expected a value, found the end of the document") }
    nodeCount += 1
    guard nodeCount <= limits.nodes else {
      throw error("a document can hold at most \(limits.nodes) values", code: "limit")
    }
    guard depth <= limits.depth else {
      throw error("nested more than \(limits.depth) levels deep", code: "limit")
    }
    let start = position
    switch bytes[offset] {
    case UInt8(ascii: "{"): return try object(bytes, start, depth: depth)
    case UInt8(ascii: "["): return try array(bytes, start, depth: depth)
    case UInt8(ascii: "\""):
      let text = try string(bytes)
      return Node(
        .scalar(Scalar(text, isPlain: false)), position: start,
        length: Int(position.column) - Int(start.column))
    default:
      let text = try word(bytes)
      return Node(.scalar(Scalar(text, isPlain: true)), position: start, length: text.utf8.count)
    }
  }

  private mutating func object(_ bytes: Bytes, _ start: Position, depth: Int) throws(Diagnostics) -> Node {
    var members = MemberList()
    offset += 1
    skipSpace(bytes)
    if try skip(UInt8(ascii: "}"), bytes) { return Node(.mapping([]), position: start) }
    while true {
      let keyPosition = position
      guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") else {
        throw error("expected a key in double quotes")
      }
      let key = try string(bytes)
      let keyNode = Node(
        .scalar(Scalar(key, isPlain: false)), position: keyPosition,
        length: Int(position.column) - Int(keyPosition.column))
      skipSpace(bytes)
      guard try skip(UInt8(ascii: ":"), bytes) else { throw error("expected ':' after the key") }
      skipSpace(bytes)
      let value = try value(bytes, depth: depth + 1)
      try members.append(key, keyNode, value, in: source)
      skipSpace(bytes)
      if try skip(UInt8(ascii: "}"), bytes) { return Node(.mapping(members.all), position: start) }
      guard try skip(UInt8(ascii: ","), bytes) else { throw error("expected ',' or '}'") }
      skipSpace(bytes)
    }
  }

  private mutating func array(_ bytes: Bytes, _ start: Position, depth: Int) throws(Diagnostics) -> Node {
    var elements: [Node] = []
    offset += 1
    skipSpace(bytes)
    if try skip(UInt8(ascii: "]"), bytes) { return Node(.sequence([]), position: start) }
    while true {
      elements.append(try value(bytes, depth: depth + 1))
      skipSpace(bytes)
      if try skip(UInt8(ascii: "]"), bytes) { return Node(.sequence(elements), position: start) }
      guard try skip(UInt8(ascii: ","), bytes) else { throw error("expected ',' or ']'") }
      skipSpace(bytes)
    }
  }

  private mutating func skip(_ byte: UInt8, _ bytes: Bytes) throws(Diagnostics) -> Bool {
    guard offset < bytes.count else { throw error("the document ends inside a value") }
    guard bytes[offset] == byte else { return false }
    offset += 1
    return true
  }

  /// Reads `true`, `false`, `null` or a number.
  private mutating func word(_ bytes: Bytes) throws(Diagnostics) -> String {
    let start = offset
    let startMark = position
    while offset < bytes.count, isWordByte(bytes[offset]) { offset += 1 }
    let text = String(decoding: bytes[start..<offset], as: UTF8.self)
    let kind = Scalar(text, isPlain: true).kind
    let isJSON =
      text == "true" || text == "false" || text == "null"
      || (kind == .integer && !text.hasPrefix("0x"))
      || (kind == .float && isJSONFloat(text))
    guard isJSON else { throw error("expected a JSON value", at: startMark) }
    return text
  }

  private func isJSONFloat(_ text: String) -> Bool {
    // `Scalar.kind` follows YAML, where `.5`, `5.` and `007.5` are numbers too.
    let digits = text.hasPrefix("-") ? text.dropFirst() : Substring(text)
    let whole = digits.utf8.prefix(while: isDigit)
    let rest = digits.utf8.dropFirst(whole.count)
    let fraction = rest.first == UInt8(ascii: ".") ? rest.dropFirst().first.map(isDigit) ?? false : true
    return !whole.isEmpty && (whole.count == 1 || whole.first != UInt8(ascii: "0")) && fraction
  }

  private func isWordByte(_ byte: UInt8) -> Bool {
    isDigit(byte) || (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "-")
      || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".")
  }

  private mutating func string(_ bytes: Bytes) throws(Diagnostics) -> String {
    let startMark = position
    offset += 1
    let start = offset
    var hasEscapes = false
    while offset < bytes.count {
      let byte = bytes[offset]
      if byte == UInt8(ascii: "\"") { break }
      if byte < 0x20 { throw error("a control character must be escaped") }
      if byte & 0xC0 == 0x80 { continuations += 1 }
      if byte == UInt8(ascii: "\\") {
        hasEscapes = true
        // Only an escaped quote or backslash must be skipped here. Any other byte after the backslash is read
        // as usual.
        let next = offset + 1 < bytes.count ? bytes[offset + 1] : 0
        if next == UInt8(ascii: "\"") || next == UInt8(ascii: "\\") { offset += 1 }
      }
      offset += 1
    }
    guard offset < bytes.count else {
      throw error("the document ends inside this string", at: startMark)
    }
    let raw = UnsafeBufferPointer(rebasing: bytes[start..<offset])
    offset += 1
    if let text = hasEscapes ? unescaped(raw) : String(validating: raw, as: UTF8.self) { return text }
    throw error(
      String(validating: raw, as: UTF8.self) == nil
        ? "this string is not UTF-8" : "this string has an escape that JSON does not define", at: startMark)
  }

  private func unescaped(_ raw: Bytes) -> String? {
    var result: [UInt8] = []
    result.reserveCapacity(raw.count)
    var index = 0
    while index < raw.count {
      guard raw[index] == UInt8(ascii: "\\") else {
        result.append(raw[index])
        index += 1
        continue
      }
      guard index + 1 < raw.count else { return nil }
      let escape = raw[index + 1]
      index += 2
      switch escape {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(escape)
      case UInt8(ascii: "b"): result.append(0x08)
      case UInt8(ascii: "f"): result.append(0x0C)
      case UInt8(ascii: "n"): result.append(0x0A)
      case UInt8(ascii: "r"): result.append(0x0D)
      case UInt8(ascii: "t"): result.append(0x09)
      case UInt8(ascii: "u"):
        guard var code = hexadecimal(raw, index) else { return nil }
        index += 4
        if (0xD800..<0xDC00).contains(code) {
          guard index + 1 < raw.count, raw[index] == UInt8(ascii: "\\"), raw[index + 1] == UInt8(ascii: "u"),
            let low = hexadecimal(raw, index + 2), (0xDC00..<0xE000).contains(low)
          else { return nil }
          code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
          index += 6
        }
        guard let scalar = Unicode.Scalar(code) else { return nil }
        result.append(contentsOf: UTF8.encode(scalar) ?? UTF8.EncodedScalar())
      default: return nil
      }
    }
    return String(validating: result, as: UTF8.self)
  }

  private func hexadecimal(_ raw: Bytes, _ index: Int) -> UInt32? {
    guard index + 4 <= raw.count, raw[index..<index + 4].allSatisfy(isHexDigit) else { return nil }
    return UInt32(String(decoding: raw[index..<index + 4], as: UTF8.self), radix: 16)
  }
}
