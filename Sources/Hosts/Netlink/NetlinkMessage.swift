import Files
import Glibc
import SystemPackage

/// A message of netlink(7), or of what a helper was answered: valid as long as the bytes it was found in.
struct NetlinkMessage {
  let kind: UInt16
  let flags: UInt16
  /// All behind the header.
  let content: Bytes

  enum Kind {
    static let error: UInt16 = 2
    static let done: UInt16 = 3
  }

  enum Flags {
    static let request: UInt16 = 1
    static let acknowledge: UInt16 = 4
    static let dump: UInt16 = 0x300
    /// Something changed while the kernel answered.
    static let interrupted: UInt16 = 0x10
  }

  /// Of nlmsghdr and of nlattr.
  static let headerLength = 16
  static let attributeHeader = 4

  /// The messages of a datagram. Nil where its lengths make no sense.
  static func all(in datagram: Bytes) -> [NetlinkMessage]? {
    var messages: [NetlinkMessage] = []
    var rest = datagram
    while !rest.isEmpty {
      guard let length: UInt32 = rest.number(at: 0), length >= headerLength, length <= rest.count,
        let kind: UInt16 = rest.number(at: 4), let flags: UInt16 = rest.number(at: 6)
      else { return nil }
      let content = Bytes(rebasing: rest[headerLength..<Int(length)])
      messages.append(NetlinkMessage(kind: kind, flags: flags, content: content))
      rest = rest.dropping(padded(Int(length)))
    }
    return messages
  }

  /// A request: its header, and behind that what it asks.
  static func request(_ kind: UInt16, _ flags: UInt16, _ content: [UInt8]) -> [UInt8] {
    bytes(UInt32(headerLength + content.count)) + bytes(kind) + bytes(flags | Flags.request)
      + bytes(UInt32(1))
      + bytes(UInt32(0)) + content
  }

  static func attribute(_ kind: UInt16, _ content: [UInt8]) -> [UInt8] {
    let length = attributeHeader + content.count
    let padding = [UInt8](repeating: 0, count: padded(length) - length)
    return bytes(UInt16(length)) + bytes(kind) + content + padding
  }

  static func bytes(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value) { [UInt8]($0) } }

  /// Calls with each attribute behind that many bytes. False where their lengths make no sense.
  static func attributes(of content: Bytes, from start: Int = 0, _ visit: (UInt16, Bytes) -> Void) -> Bool {
    guard content.count >= start else { return false }
    var rest = content.dropping(start)
    while rest.count >= attributeHeader {
      guard let (kind, value) = firstAttribute(of: rest) else { return false }
      visit(kind, value)
      rest = rest.dropping(padded(attributeHeader + value.count))
    }
    return true
  }

  /// Nil where its length makes no sense.
  static func firstAttribute(of content: Bytes) -> (kind: UInt16, value: Bytes)? {
    guard let length: UInt16 = content.number(at: 0), length >= attributeHeader, length <= content.count,
      let kind: UInt16 = content.number(at: 2)
    else { return nil }
    // Without NLA_F_NESTED and NLA_F_NET_BYTEORDER.
    return (kind & 0x3FFF, Bytes(rebasing: content[attributeHeader..<Int(length)]))
  }

  static func padded(_ length: Int) -> Int { (length + 3) & ~3 }

  /// What an error message says; nil where it is none. Its number is 0 where all went well.
  var error: NetlinkError? {
    guard kind == Kind.error, let number: Int32 = content.number(at: 0) else { return nil }
    return NetlinkError(errno: Errno(rawValue: 0 &- number), text: errorText)
  }

  /// The kernel's own words (NLMSGERR_ATTR_MSG). With NETLINK_CAP_ACK only the header of the request is repeated.
  private var errorText: String? {
    let (isCapped, hasAttributes): (UInt16, UInt16) = (0x100, 0x200)
    guard flags & hasAttributes != 0, let repeated: UInt32 = content.number(at: 4) else { return nil }
    let start = 4 + (flags & isCapped != 0 ? Self.headerLength : Self.padded(Int(repeated)))
    var text: String?
    _ = Self.attributes(of: content, from: start) { kind, value in
      if kind == 1 { text = value.upToZero.text }
    }
    return text
  }
}

/// What the kernel answers where it does not do what it was asked.
struct NetlinkError: Error, Equatable, CustomStringConvertible {
  var errno: Errno
  var text: String?

  var description: String { text.map { "\(errno): \($0)" } ?? "\(errno)" }
}

extension UnsafeBufferPointer<UInt8> {
  /// In the processor's own order; nil where there are too few bytes.
  func number<Value: FixedWidthInteger>(at offset: Int) -> Value? {
    guard offset >= 0, count >= offset + MemoryLayout<Value>.size else { return nil }
    return UnsafeRawBufferPointer(self).loadUnaligned(fromByteOffset: offset, as: Value.self)
  }

  /// Text as C has it.
  var upToZero: Bytes { Bytes(rebasing: self[..<(index(of: 0) ?? count)]) }
}
