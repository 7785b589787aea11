import Documents
import Files
import Testing

@Suite("Timestamps in documents")
struct TimestampTests {
  @Test(
    "are written as RFC 3339 in UTC with milliseconds, and read again unchanged",
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"), (1_795_720_179_000, "2026-11-26T19:09:39.000Z"),
      (951_782_400_007, "2000-02-29T00:00:00.007Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ])
  func exact(milliseconds: Int, text: String) {
    #expect(Timestamp(milliseconds: milliseconds).rfc3339 == text)
    #expect(Timestamp(rfc3339: text)?.milliseconds == milliseconds)
  }

  @Test(
    "before 1970 or after 9999 are clamped to the nearest limit", arguments: [Int.min, -1, Int.max])
  func clamped(milliseconds: Int) {
    let text = Timestamp(milliseconds: milliseconds).rfc3339
    #expect(text == (milliseconds < 0 ? "1970-01-01T00:00:00.000Z" : "9999-12-31T23:59:59.999Z"))
  }

  @Test(
    "in any other notation are refused",
    arguments: [
      "", "2026-11-26", "2026-11-26T19:09:39Z", "2026-11-26 19:09:39.000Z", "2026-11-26T19:09:39.000+00:00",
      "2026-11-26t19:09:39.000z", "2026-02-30T00:00:00.000Z", "2025-02-29T00:00:00.000Z",
      "2026-13-01T00:00:00.000Z", "2026-11-26T24:00:00.000Z", "2026-11-26T19:09:60.000Z",
      "1969-12-31T23:59:59.999Z", "2026-11-26T19:09:39.0000Z", "2026-011-26T19:09:39.000Z", "Z1-1-1-1-1-1-1",
      "99999999999999999999-1-1T1:1:1.1Z",
    ])
  func others(text: String) { #expect(Timestamp(rfc3339: text) == nil) }
}
