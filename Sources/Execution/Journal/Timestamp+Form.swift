import Documents
import Files

extension Timestamp {
  /// Milliseconds since 1970.
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
