import Glibc

/// A view of bytes that were read. It is valid until the next read into its `Scratch`, so callers
/// copy what they need at once.
public typealias Bytes = UnsafeBufferPointer<UInt8>

extension UnsafeBufferPointer<UInt8> {
  /// The bytes without the spaces and line ends at their end.
  @inlinable
  public var trimmed: Bytes {
    var end = count
    while end > 0, self[end - 1] == UInt8(ascii: "\n") || self[end - 1] == UInt8(ascii: " ") { end -= 1 }
    return Bytes(rebasing: self[..<end])
  }

  /// The bytes as text that can be shown: invalid UTF-8 is replaced.
  @inlinable
  public var text: String { String(decoding: self, as: UTF8.self) }

  @inlinable
  public func hasPrefix(_ prefix: StaticString) -> Bool {
    guard let start = baseAddress, count >= prefix.utf8CodeUnitCount else { return false }
    return memcmp(start, prefix.utf8Start, prefix.utf8CodeUnitCount) == 0
  }

  @inlinable
  public func isEqual(to text: StaticString) -> Bool { count == text.utf8CodeUnitCount && hasPrefix(text) }

  @inlinable
  public func isEqual(to other: [UInt8]) -> Bool {
    count == other.count && elementsEqual(other)
  }

  @inlinable
  public func dropping(_ length: Int) -> Bytes { Bytes(rebasing: self[Swift.min(length, count)...]) }

  /// The value of 1 to 18 decimal digits; nil for other bytes.
  @inlinable
  public var decimal: Int? {
    guard (1...18).contains(count) else { return nil }
    var value = 0
    for byte in self {
      let digit = byte &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      value = value &* 10 &+ Int(digit)
    }
    return value
  }

  /// The value of 1 to 8 hexadecimal digits; nil for other bytes.
  @inlinable
  public var hexadecimal: UInt32? {
    guard (1...8).contains(count) else { return nil }
    var value: UInt32 = 0
    for byte in self {
      var digit = byte &- UInt8(ascii: "0")
      if digit > 9 {
        digit = (byte | 0x20) &- UInt8(ascii: "a")
        guard digit < 6 else { return nil }
        digit &+= 10
      }
      value = value << 4 | UInt32(digit)
    }
    return value
  }

  /// The value of hexadecimal digits after `0x`, as sysfs writes most of them.
  @inlinable
  public var prefixedHexadecimal: UInt32? { hasPrefix("0x") ? dropping(2).hexadecimal : nil }

  @inlinable
  public func index(of byte: UInt8) -> Int? {
    guard let start = baseAddress, let found = memchr(start, CInt(byte), count) else { return nil }
    return UnsafeRawPointer(found) - UnsafeRawPointer(start)
  }

  /// The bytes after the last slash: the name of the target of a link.
  @inlinable
  public var lastComponent: Bytes {
    var start = count
    while start > 0, self[start - 1] != UInt8(ascii: "/") { start -= 1 }
    return Bytes(rebasing: self[start...])
  }

  /// Removes and returns the bytes before the first occurrence of the byte, which is removed too.
  @inlinable
  public static func cut(_ bytes: inout Bytes, at byte: UInt8) -> Bytes {
    guard let end = bytes.index(of: byte) else {
      defer { bytes = Bytes(rebasing: bytes[bytes.count...]) }
      return bytes
    }
    defer { bytes = bytes.dropping(end + 1) }
    return Bytes(rebasing: bytes[..<end])
  }

  /// The fields of a line, separated by spaces and tabs.
  @inlinable
  public var fields: [Bytes] {
    split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }.map { Bytes(rebasing: $0) }
  }
}
