/// A value of a document as it was written, with its position. It has no type yet; a `Form` decodes it.
public struct Node: Sendable {
  /// The three kinds of YAML nodes (YAML 1.2.2, section 3.2.1). JSON arrays and objects are sequences and
  /// mappings.
  public enum Content: Sendable {
    case scalar(Scalar)
    case sequence([Node])
    case mapping([Member])
  }

  /// A key of a mapping with its value. Keys of one mapping are unique: the readers refuse duplicates.
  public struct Member: Sendable {
    public let key: String
    /// The position of the key.
    public let keyPosition: Position
    public let value: Node

    public init(key: String, keyPosition: Position, value: Node) {
      self.key = key
      self.keyPosition = keyPosition
      self.value = value
    }
  }

  public var content: Content
  /// The position of the first character of the value.
  public var position: Position
  /// The number of Unicode scalars on the first line that an error underlines; 1 for lists and mappings.
  public var length: UInt32

  public init(_ content: Content, position: Position, length: Int = 1) {
    self.content = content
    self.position = position
    self.length = UInt32(clamping: length)
  }

  /// The value of a key; nil where the key is absent or the node is not a mapping.
  public subscript(key: String) -> Node? {
    guard case .mapping(let members) = content else { return nil }
    return members.first { $0.key == key }?.value
  }
}

/// The text of a scalar. `isPlain` is true if it was written without quotes: only then can it be a
/// number, a boolean or null.
public struct Scalar: Sendable {
  public let text: String
  public let isPlain: Bool

  public init(_ text: String, isPlain: Bool) {
    self.text = text
    self.isPlain = isPlain
  }

  /// The types that YAML and JSON readers assign to a scalar.
  public enum Kind: Sendable { case null, boolean, integer, float, string }

  /// The type that other readers, such as an editor, assign to this scalar by YAML 1.2's core
  /// schema (section 10.3.2). Forms that have to agree with those readers use it. Unlike the core
  /// schema, octal numbers, `.inf`, `.nan`, a leading `+` and integers with leading zeros count as
  /// strings.
  public var kind: Kind {
    guard isPlain else { return .string }
    // Most texts start with a byte that no other type starts with.
    guard let first = text.utf8.first else { return .null }
    switch first {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."): break
    case UInt8(ascii: "~"), UInt8(ascii: "n"), UInt8(ascii: "N"), UInt8(ascii: "t"), UInt8(ascii: "T"),
      UInt8(ascii: "f"), UInt8(ascii: "F"):
      break
    default: return .string
    }
    switch text {
    case "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE", "false", "False", "FALSE": return .boolean
    default: break
    }
    var digits = Substring(text).utf8
    if digits.starts(with: "0x".utf8) {
      digits = digits.dropFirst(2)
      return !digits.isEmpty && digits.allSatisfy(isHexDigit) ? .integer : .string
    }
    if digits.first == UInt8(ascii: "-") { digits = digits.dropFirst() }
    guard let digit = digits.first, isDigit(digit) || digit == UInt8(ascii: ".") else { return .string }
    if digits.allSatisfy(isDigit) {
      return digit == UInt8(ascii: "0") && digits.count > 1 ? .string : .integer
    }
    return isFloat(digits) ? .float : .string
  }

  /// The value of a whole number, decimal or `0x…`; nil for other scalars. `4.0` is the integer 4, because
  /// JSON Schema treats it so and some JSON writers print integers so.
  public var integer: Int? {
    switch kind {
    case .integer: text.hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text)
    case .float: Double(text).flatMap(Int.init(exactly:))
    default: nil
    }
  }

  private func isFloat(_ text: Substring.UTF8View) -> Bool {
    var rest = text
    let whole = rest.prefix(while: isDigit)
    rest = rest.dropFirst(whole.count)
    var fraction = 0
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      fraction = rest.prefix(while: isDigit).count
      rest = rest.dropFirst(fraction)
    }
    guard whole.count + fraction > 0 else { return false }
    if rest.isEmpty { return true }
    guard rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") else { return false }
    rest = rest.dropFirst()
    if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
    return !rest.isEmpty && rest.allSatisfy(isDigit)
  }
}

func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

func isHexDigit(_ byte: UInt8) -> Bool { isDigit(byte) || (byte | 0x20) &- UInt8(ascii: "a") < 6 }
