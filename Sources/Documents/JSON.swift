/// A JSON value for output (RFC 8259). Objects keep the order of their members.
public enum JSON: Sendable, Equatable {
  case null
  case boolean(Bool)
  case integer(Int)
  case string(String)
  case array([JSON])
  case object([Member])

  /// A member of an object. The writer does not check that keys are unique.
  public struct Member: Sendable, Equatable {
    public let key: String
    public let value: JSON

    public init(_ key: String, _ value: JSON) {
      self.key = key
      self.value = value
    }
  }

  /// The value over several lines: two spaces a level, one member a line. Short arrays and objects
  /// of plain values are written on one line. The text has no line end at its end.
  public var text: String { written(indent: 0) }

  /// The value on one line.
  public var line: String { written(indent: nil) }

  private func written(indent: Int?) -> String {
    var result: [UInt8] = []
    write(to: &result, indent: indent)
    return String(decoding: result, as: UTF8.self)
  }

  private func write(to result: inout [UInt8], indent: Int?) {
    switch self {
    case .null: result += "null".utf8
    case .boolean(let value): result += (value ? "true" : "false").utf8
    case .integer(let value): result += String(value).utf8
    case .string(let value): Self.writeQuoted(value, to: &result)
    case .array(let elements):
      Self.writeList("[", "]", elements, isShort: isShort, to: &result, indent) { element, inner, result in
        element.write(to: &result, indent: inner)
      }
    case .object(let members):
      Self.writeList("{", "}", members, isShort: isShort, to: &result, indent) { member, inner, result in
        Self.writeQuoted(member.key, to: &result)
        result += ": ".utf8
        member.value.write(to: &result, indent: inner)
      }
    }
  }

  private static func writeList<Element>(
    _ open: Unicode.Scalar, _ close: Unicode.Scalar, _ elements: [Element], isShort: Bool,
    to result: inout [UInt8], _ indent: Int?, _ write: (Element, Int?, inout [UInt8]) -> Void
  ) {
    result.append(UInt8(ascii: open))
    let inner = isShort ? nil : indent.map { $0 + 1 }
    for (index, element) in elements.enumerated() {
      if index > 0 { result += (inner == nil ? ", " : ",").utf8 }
      if let inner { startLine(inner, &result) }
      write(element, inner, &result)
    }
    if inner != nil, let indent, !elements.isEmpty { startLine(indent, &result) }
    result.append(UInt8(ascii: close))
  }

  private static func startLine(_ indent: Int, _ result: inout [UInt8]) {
    result.append(UInt8(ascii: "\n"))
    result += repeatElement(UInt8(ascii: " "), count: 2 * indent)
  }

  /// Whether the value is written on one line within a longer text.
  private var isShort: Bool {
    switch self {
    case .array(let elements): elements.allSatisfy(\.isPlain) && elements.reduce(0) { $0 + $1.width } < 72
    case .object(let members):
      members.allSatisfy(\.value.isPlain)
        && members.reduce(0) { $0 + $1.key.utf8.count + 6 + $1.value.width } < 72
    default: true
    }
  }

  private var isPlain: Bool {
    switch self {
    case .array(let elements): elements.isEmpty
    case .object(let members): members.isEmpty
    default: true
    }
  }

  private var width: Int {
    switch self {
    case .string(let value): value.utf8.count + 4
    case .integer(let value): String(value).utf8.count + 2
    default: 6
    }
  }

  private static func writeQuoted(_ text: String, to result: inout [UInt8]) {
    let quote = UInt8(ascii: "\"")
    result.append(quote)
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != quote && $0 != UInt8(ascii: "\\") }) {
      result += text.utf8
    } else {
      for scalar in text.unicodeScalars { result += escaped(scalar).utf8 }
    }
    result.append(quote)
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\"": "\\\""
    case "\\": "\\\\"
    case "\n": "\\n"
    case "\t": "\\t"
    case "\r": "\\r"
    // This escapes the control characters that JSON and YAML forbid, and invisible characters. Scalars above
    // U+FFFF are not escaped, because JSON needs a surrogate pair for them, which YAML readers do not
    // combine.
    case _ where scalar.isInvisible && scalar.value <= 0xFFFF:
      "\\u" + String(repeating: "0", count: 4 - String(scalar.value, radix: 16).count)
        + String(scalar.value, radix: 16)
    default: String(scalar)
    }
  }
}
