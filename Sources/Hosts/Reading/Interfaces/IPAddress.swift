import Files
import Glibc

/// An IPv4 or IPv6 address. An IPv4-mapped IPv6 address (`::ffff:192.0.2.10`) equals the IPv4 address.
struct IPAddress: Hashable, Sendable {
  private let high: UInt64
  private let low: UInt64

  private static let mapped: UInt64 = 0xFFFF

  /// `::`
  static let zero = IPAddress(high: 0, low: 0)

  private init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

  /// 4 or 16 bytes in network order; nil for another count.
  init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == 4 || bytes.count == 16 else { return nil }
    let halves = (bytes.dropLast(8), bytes.suffix(8))
    func number(_ bytes: some Sequence<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
    high = bytes.count == 4 ? 0 : number(halves.0)
    low = bytes.count == 4 ? Self.mapped << 32 | number(bytes) : number(halves.1)
  }

  /// Parses the text form, by inet_pton(3).
  init?(_ text: String) {
    let family = text.utf8.contains(UInt8(ascii: ":")) ? AF_INET6 : AF_INET
    var bytes = [UInt8](repeating: 0, count: family == AF_INET6 ? 16 : 4)
    guard !text.utf8.contains(0), inet_pton(family, text, &bytes) == 1 else { return nil }
    self.init(bytes)
  }

  /// Parses hexadecimal digits in network order without separators, as in `/proc/net/if_inet6`.
  init?(digits: Bytes) {
    var bytes: [UInt8] = []
    for start in stride(from: 0, to: digits.count, by: 2) {
      guard start + 2 <= digits.count,
        let byte = Bytes(rebasing: digits[start..<start + 2]).hexadecimal
      else { return nil }
      bytes.append(UInt8(byte))
    }
    self.init(bytes)
  }

  /// Parses 32-bit words in host byte order, as in `/proc/net/tcp` and `tcp6`.
  init?(words: Bytes, isLittleEndian: Bool = UInt32(littleEndian: 1) == 1) {
    guard words.count == 8 || words.count == 32 else { return nil }
    var numbers: (UInt64, UInt64) = (0, 0)
    for start in stride(from: 0, to: words.count, by: 8) {
      guard let word = Bytes(rebasing: words[start..<start + 8]).hexadecimal else { return nil }
      numbers.0 = numbers.0 << 32 | numbers.1 >> 32
      numbers.1 = numbers.1 << 32 | UInt64(isLittleEndian ? word.byteSwapped : word)
    }
    high = numbers.0
    low = words.count == 8 ? Self.mapped << 32 | numbers.1 : numbers.1
  }

  /// The 4 or 16 bytes in network order.
  var bytes: [UInt8] {
    let all = [high, low].flatMap { half in
      stride(from: UInt64(56), through: 0, by: -8).map { UInt8(truncatingIfNeeded: half >> $0) }
    }
    return isIPv4 ? Array(all.suffix(4)) : all
  }

  private var isIPv4: Bool { high == 0 && low >> 32 == Self.mapped }

  var isLoopback: Bool { isIPv4 ? low >> 24 & 0xFF == 127 : high == 0 && low == 1 }

  var isLinkLocal: Bool { !isIPv4 && high >> 54 == 0xFE80 >> 6 }

  var isMulticast: Bool { isIPv4 ? low >> 28 & 0xF == 0xE : high >> 56 == 0xFF }

  /// Whether the first `length` bits of both are the same.
  func shares(_ length: Int, with other: IPAddress) -> Bool {
    guard isIPv4 == other.isIPv4 else { return false }
    let bits = isIPv4 ? length + 96 : length
    func mask(_ count: Int) -> UInt64 { count <= 0 ? 0 : count >= 64 ? .max : ~(.max >> UInt64(count)) }
    return (high ^ other.high) & mask(bits) == 0 && (low ^ other.low) & mask(bits - 64) == 0
  }
}

extension IPAddress: Comparable {
  static func < (one: IPAddress, other: IPAddress) -> Bool { (one.high, one.low) < (other.high, other.low) }
}

extension IPAddress: CustomStringConvertible {
  var description: String {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    let size = socklen_t(text.count)
    _ = inet_ntop(isIPv4 ? AF_INET : AF_INET6, bytes, &text, size)
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
