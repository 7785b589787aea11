import Testing

@testable import pcipass

@Suite("The duration argument of an option")
struct DurationArgumentTests {
  @Test(
    "accepts hours, minutes and seconds, from 5 seconds to 24 hours",
    arguments: [
      ("5s", 5), ("90s", 90), ("2m", 120), ("1h", 3600), ("1h30m", 5400), ("1h30s", 3630), ("1m5s", 65),
      ("1h2m3s", 3723), ("24h", 86400), ("1440m", 86400), ("86400s", 86400), ("0h5s", 5), ("007s", 7),
    ])
  func right(text: String, seconds: Int) { #expect(DurationArgument(argument: text)?.seconds == seconds) }

  @Test(
    "refuses any other text",
    arguments: [
      "", "s", "5", "90", "4s", "0s", "25h", "24h1s", "86401s", "1s2m", "1m1m", "1h1", "-5s", "+5s", " 5s",
      "5s ", "5 s",
      "5S", "1d", "1.5h", "5sec", "٥s", "9999999s", "99999999999999999999s", "5s\n", "h5", "1hm5s",
    ])
  func wrong(text: String) { #expect(DurationArgument(argument: text)?.seconds == nil) }

  @Test(
    "is printed in words",
    arguments: [
      (5, "5 seconds"), (60, "1 minute"), (120, "2 minutes"), (3600, "1 hour"), (5400, "90 minutes"),
      (86400, "24 hours"), (61, "61 seconds"),
    ])
  func words(seconds: Int, text: String) { #expect(DurationArgument.words(seconds) == text) }
}
