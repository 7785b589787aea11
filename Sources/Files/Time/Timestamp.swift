import Glibc

/// A moment, in milliseconds since 1970.
public struct Timestamp: Sendable, Hashable, Comparable {
  public var milliseconds: Int

  public init(milliseconds: Int) { self.milliseconds = milliseconds }

  public static var now: Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(milliseconds: Int(time.tv_sec) * 1000 + Int(time.tv_nsec) / 1_000_000)
  }

  public static func < (one: Timestamp, other: Timestamp) -> Bool { one.milliseconds < other.milliseconds }

  public func adding(seconds: Int) -> Timestamp { Timestamp(milliseconds: milliseconds + seconds * 1000) }
}

extension Timestamp: CustomStringConvertible {
  /// The moment as text for people: `2026-11-26 14:03:22 UTC`.
  public var description: String { formatted("%Y-%m-%d %H:%M:%S UTC") }

  /// The moment in UTC, in a format of strftime(3).
  private func formatted(_ format: String) -> String {
    var seconds = time_t(milliseconds / 1000)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    var text = [CChar](repeating: 0, count: 64)
    let count = strftime(&text, text.count, format, &parts)
    return String(decoding: text[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}

extension Timestamp {
  /// The end of the year 9999, the last moment that RFC 3339 can express.
  private static let latest = 253_402_300_799_999

  /// `2026-11-26T14:03:22.000Z` (RFC 3339). A moment before 1970 is written as the start of 1970,
  /// one after the year 9999 as the end of 9999.
  public var rfc3339: String {
    let moment = Timestamp(milliseconds: min(max(milliseconds, 0), Self.latest))
    let fraction = String(1000 + moment.milliseconds % 1000).dropFirst()
    return moment.formatted("%Y-%m-%dT%H:%M:%S.\(fraction)Z")
  }

  /// The moment whose `rfc3339` is this text; nil where there is none.
  public init?(rfc3339 text: String) {
    let numbers = text.split { !("0"..."9").contains($0) }.map { Int($0) }
    guard numbers.count == 7, let year = numbers[0], let month = numbers[1], let day = numbers[2],
      let hour = numbers[3], let minute = numbers[4], let second = numbers[5], let fraction = numbers[6],
      (1970...9999).contains(year), [month, day, hour, minute, second, fraction].allSatisfy({ $0 < 1000 })
    else { return nil }
    var parts = tm()
    (parts.tm_year, parts.tm_mon, parts.tm_mday) = (Int32(year) - 1900, Int32(month) - 1, Int32(day))
    (parts.tm_hour, parts.tm_min, parts.tm_sec) = (Int32(hour), Int32(minute), Int32(second))
    milliseconds = timegm(&parts) * 1000 + fraction
    // timegm(3) converts 31 February to 3 March, and the parser does not check the separators.
    guard rfc3339 == text else { return nil }
  }
}
