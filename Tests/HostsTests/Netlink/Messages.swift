@testable import Hosts

/// Messages of rtnetlink as the kernel sends them.
enum Sent {
  static func bytes(_ value: some FixedWidthInteger) -> [UInt8] { NetlinkMessage.bytes(value) }

  static func attribute(_ kind: UInt16, _ content: [UInt8]) -> [UInt8] {
    NetlinkMessage.attribute(kind, content)
  }

  static func attribute(_ kind: UInt16, _ text: String) -> [UInt8] { attribute(kind, Array(text.utf8) + [0]) }

  static func message(_ kind: UInt16, _ content: [UInt8], flags: UInt16 = 0) -> [UInt8] {
    bytes(UInt32(16 + content.count)) + bytes(kind) + bytes(flags) + bytes(UInt32(1)) + bytes(UInt32(0))
      + content
  }

  static func link(_ index: Int32, _ attributes: [UInt8], type: UInt16 = 1, isUp: Bool = true) -> [UInt8] {
    [0, 0] + bytes(type) + bytes(index) + bytes(UInt32(isUp ? 1 : 0)) + bytes(UInt32.max) + attributes
  }

  static func route(
    _ destination: [UInt8]? = nil, length: UInt8 = 0, table: UInt8 = 254, origin: UInt8 = 3, type: UInt8 = 1,
    family: UInt8 = 2, with attributes: [UInt8]
  ) -> [UInt8] {
    [family, length, 0, 0, table, origin, 0, type, 0, 0, 0, 0]
      + (destination.map { attribute(1, $0) } ?? []) + attributes
  }

  static func hop(_ interface: UInt32) -> [UInt8] {
    bytes(UInt16(16)) + [0, 0] + bytes(interface) + attribute(5, [192, 0, 2, 1])
  }

  /// Returns the results of the closure for the messages of a datagram; nil if the datagram is
  /// invalid.
  static func read<Entry>(
    _ datagram: [UInt8], _ read: (NetlinkMessage) throws(Netlink.Failure) -> Entry?
  ) throws(Netlink.Failure) -> [Entry]? {
    var result: [Entry]?
    var failure: Netlink.Failure?
    datagram.withUnsafeBufferPointer { bytes in
      guard let messages = NetlinkMessage.all(in: bytes) else { return }
      var entries: [Entry] = []
      for message in messages {
        do throws(Netlink.Failure) {
          if let entry = try read(message) { entries.append(entry) }
        } catch { failure = error }
      }
      result = entries
    }
    if let failure { throw failure }
    return result
  }
}
