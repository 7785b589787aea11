import Glibc

/// A view of bytes that were read. It is valid until its `Scratch` is read into again, so what is needed is taken out of it
/// at once.
public typealias Bytes = UnsafeBufferPointer<UInt8>

extension UnsafeBufferPointer<UInt8> {
  /// Without the spaces and line ends behind it.
  @inlinable
  public var trimmed: Bytes {
    var end = count
    while end > 0, self[end - 1] == UInt8(ascii: "\n") || self[end - 1] == UInt8(ascii: " ") { end -= 1 }
    return Bytes(rebasing: self[..<end])
  }

  /// Whatever is not UTF-8 is replaced, so that it can be shown.
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

  /// Decimal digits and nothing else.
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

  /// One to eight hexadecimal digits and nothing else.
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

  /// As sysfs writes most hexadecimal numbers.
  @inlinable
  public var prefixedHexadecimal: UInt32? { hasPrefix("0x") ? dropping(2).hexadecimal : nil }

  @inlinable
  public func index(of byte: UInt8) -> Int? {
    guard let start = baseAddress, let found = memchr(start, CInt(byte), count) else { return nil }
    return UnsafeRawPointer(found) - UnsafeRawPointer(start)
  }

  /// What stands behind the last slash: a link names what it leads to.
  @inlinable
  public var lastComponent: Bytes {
    var start = count
    while start > 0, self[start - 1] != UInt8(ascii: "/") { start -= 1 }
    return Bytes(rebasing: self[start...])
  }

  /// The bytes before the first such byte, taken off the front together with it.
  @inlinable
  public static func cut(_ bytes: inout Bytes, at byte: UInt8) -> Bytes {
    guard let end = bytes.index(of: byte) else {
      defer { bytes = Bytes(rebasing: bytes[bytes.count...]) }
      return bytes
    }
    defer { bytes = bytes.dropping(end + 1) }
    return Bytes(rebasing: bytes[..<end])
  }

  /// The fields of a line, parted by spaces and tabs.
  @inlinable
  public var fields: [Bytes] {
    split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }.map { Bytes(rebasing: $0) }
  }
}
