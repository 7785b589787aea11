import Documents

/// A 48-bit Ethernet address, printed as `52:54:00:6b:3c:58`.
public struct MACAddress: Hashable, Sendable, CustomStringConvertible {
  /// The 48 bits; the first byte of the text is the highest.
  public let value: UInt64

  /// Parses six pairs of hexadecimal digits with colons between them; nil for any other text.
  public init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    guard bytes.count == 17 else { return nil }
    var value: UInt64 = 0
    for index in stride(from: 0, to: 17, by: 3) {
      guard index == 15 || bytes[index + 2] == UInt8(ascii: ":"),
        let octet = hexadecimal(bytes[index..<index + 2])
      else { return nil }
      value = value << 8 | UInt64(octet)
    }
    self.value = value
  }

  /// Uses the lower 48 bits.
  public init(_ value: UInt64) { self.value = value & 0xFFFF_FFFF_FFFF }

  /// Whether the address is zero, by which the kernel means that none is set.
  public var isZero: Bool { value == 0 }
  /// Whether the group bit is set (IEEE 802).
  public var isMulticast: Bool { value >> 40 & 1 == 1 }

  public var description: String {
    stride(from: 40, through: 0, by: -8)
      .map { hexadecimal(UInt32(truncatingIfNeeded: value >> UInt64($0)) & 0xFF, digits: 2) }
      .joined(separator: ":")
  }

  /// Any address, including zero and multicast.
  public static let form = Form<MACAddress>.text(
    "a MAC address such as 52:54:00:6b:3c:58", pattern: "^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$",
    parse: { MACAddress($0) }, print: \.description, hint: colons)

  /// A unicast address. The kernel refuses a multicast address for an interface with EINVAL.
  public static let unicastForm = Form<MACAddress>.text(
    "a unicast MAC address such as 52:54:00:6b:3c:58",
    pattern: "^[0-9a-fA-F][02468aceACE](:[0-9a-fA-F]{2}){5}$",
    parse: { MACAddress($0).flatMap { $0.isMulticast ? nil : $0 } }, print: \.description,
    hint: { text in
      MACAddress(text) == nil
        ? colons(text)
        : "this is a multicast address: its first byte is odd; use an even one such as 02 or 52"
    })

  private static func colons(_ text: String) -> String? {
    let digits = text.filter { $0 != "-" && $0 != "." && $0 != ":" }
    guard digits.count == 12 else { return nil }
    let pairs = stride(from: 0, to: 12, by: 2).map { String(digits.dropFirst($0).prefix(2)) }
    let address = pairs.joined(separator: ":")
    return MACAddress(address) == nil ? nil : "did you mean \(address)?"
  }
}
