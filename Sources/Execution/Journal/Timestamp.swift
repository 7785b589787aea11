import Documents
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

  static let form = Form<Timestamp>(
    schema: Form<Int>.integer(0...longest).schema,
    decode: { Form<Int>.integer(0...longest).decode($0, &$1).map(Timestamp.init(milliseconds:)) },
    encode: { .integer($0.milliseconds) })

  /// The end of the year 9999.
  private static let longest = 253_402_300_799_999
}

extension Form<Int> {
  /// Milliseconds since a boot.
  static let uptime = Form.integer(0...Int.max)
}

extension Timestamp: CustomStringConvertible {
  /// `2026-11-26 14:03:22 UTC`
  public var description: String {
    var seconds = time_t(milliseconds / 1000)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    var text = [CChar](repeating: 0, count: 64)
    let count = strftime(&text, text.count, "%Y-%m-%d %H:%M:%S UTC", &parts)
    return String(decoding: text[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
