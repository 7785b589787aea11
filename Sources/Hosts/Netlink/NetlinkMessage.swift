import Files
import Glibc
import SystemPackage

/// A message of netlink(7). Its content is valid only as long as the memory of the datagram.
struct NetlinkMessage {
  let kind: UInt16
  let flags: UInt16
  /// The bytes after the header.
  let content: Bytes

  /// NLMSG_ERROR and NLMSG_DONE of `linux/netlink.h`.
  enum MessageType {
    static let error: UInt16 = 2
    static let done: UInt16 = 3
  }

  /// NLM_F_REQUEST, NLM_F_ACK and NLM_F_DUMP of `linux/netlink.h`.
  enum MessageFlags {
    static let request: UInt16 = 1
    static let acknowledge: UInt16 = 4
    static let dump: UInt16 = 0x300
    /// NLM_F_DUMP_INTR: something changed during the dump, so the answer may be inconsistent.
    static let interrupted: UInt16 = 0x10
  }

  /// The sizes in bytes of nlmsghdr and nlattr.
  static let headerLength = 16
  static let attributeHeader = 4

  /// The messages of a datagram; nil if a length is invalid.
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

  /// The bytes of a request: a header and the content.
  static func request(_ kind: UInt16, _ flags: UInt16, _ content: [UInt8]) -> [UInt8] {
    bytes(UInt32(headerLength + content.count)) + bytes(kind) + bytes(flags | MessageFlags.request)
      + bytes(UInt32(1))
      + bytes(UInt32(0)) + content
  }

  /// The bytes of an attribute, padded to a multiple of four.
  static func attribute(_ kind: UInt16, _ content: [UInt8]) -> [UInt8] {
    let length = attributeHeader + content.count
    let padding = [UInt8](repeating: 0, count: padded(length) - length)
    return bytes(UInt16(length)) + bytes(kind) + content + padding
  }

  /// The bytes of a number in host byte order.
  static func bytes(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value) { [UInt8]($0) } }

  /// Calls `visit` with each attribute after `start` bytes. Returns false if a length is invalid; the
  /// attributes before it have been visited then.
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

  /// The first attribute; nil if its length is invalid.
  static func firstAttribute(of content: Bytes) -> (kind: UInt16, value: Bytes)? {
    guard let length: UInt16 = content.number(at: 0), length >= attributeHeader, length <= content.count,
      let kind: UInt16 = content.number(at: 2)
    else { return nil }
    // The mask removes the flags NLA_F_NESTED and NLA_F_NET_BYTEORDER.
    return (kind & 0x3FFF, Bytes(rebasing: content[attributeHeader..<Int(length)]))
  }

  /// The length rounded up to a multiple of four (NLMSG_ALIGNTO, NLA_ALIGNTO).
  static func padded(_ length: Int) -> Int { (length + 3) & ~3 }

  /// The error of an NLMSG_ERROR message; nil for other messages. An acknowledgement has the error number 0.
  var error: NetlinkError? {
    guard kind == MessageType.error, let number: Int32 = content.number(at: 0) else { return nil }
    return NetlinkError(errno: Errno(rawValue: 0 &- number), text: errorText)
  }

  /// The error text of the kernel (NLMSGERR_ATTR_MSG). With NLM_F_CAPPED only the header of the request is
  /// repeated before it.
  private var errorText: String? {
    let (isCapped, hasAttributes): (UInt16, UInt16) = (0x100, 0x200)
    guard flags & hasAttributes != 0, let repeated: UInt32 = content.number(at: 4) else { return nil }
    let start = 4 + (flags & isCapped != 0 ? Self.headerLength : Self.padded(Int(repeated)))
    var text: String?
    _ = Self.attributes(of: content, from: start) { kind, value in
      if kind == 1 { text = value.untilNUL.text }
    }
    return text
  }
}

/// The error number and the error text with which the kernel rejects a request.
struct NetlinkError: Error, Equatable, CustomStringConvertible {
  var errno: Errno
  var text: String?

  var description: String { text.map { "\(errno): \($0)" } ?? "\(errno)" }
}

extension UnsafeBufferPointer<UInt8> {
  /// The number at this offset, in host byte order; nil if there are not enough bytes.
  func number<Value: FixedWidthInteger>(at offset: Int) -> Value? {
    guard offset >= 0, count >= offset + MemoryLayout<Value>.size else { return nil }
    return UnsafeRawBufferPointer(self).loadUnaligned(fromByteOffset: offset, as: Value.self)
  }

  /// The bytes before the first zero byte.
  var untilNUL: Bytes { Bytes(rebasing: self[..<(index(of: 0) ?? count)]) }
}
