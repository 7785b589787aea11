import Documents
import Testing

@Suite("A scalar")
struct ScalarTests {
  @Test(
    "has the type of its notation if it is plain, and is a string if it is quoted",
    arguments: [
      ("", .null), ("~", .null), ("null", .null), ("Null", .null), ("NULL", .null), ("nULL", .string),
      ("true", .boolean), ("True", .boolean), ("TRUE", .boolean), ("false", .boolean), ("False", .boolean),
      ("FALSE", .boolean), ("on", .string), ("yes", .string), ("n", .string), ("tRUE", .string),
      ("0", .integer), ("-0", .integer), ("12", .integer), ("-12", .integer), ("0x1F", .integer),
      ("99999999999999999999", .integer), ("012", .string), ("-012", .string), ("+1", .string),
      ("0x", .string), ("0xG", .string), ("-0x1", .string), ("0o7", .string), ("1_000", .string),
      ("1.5", .float), ("-1.5", .float), (".5", .float), ("5.", .float), ("1e3", .float), ("1E+3", .float),
      ("1.5e-3", .float), ("007.5", .float), (".", .string), ("-", .string), ("-.", .string), ("1e", .string),
      ("1e+", .string), ("e3", .string), ("1.2.3", .string), (".inf", .string), (".nan", .string),
      ("8086:10c9", .string), ("0000:03:00.0", .string), ("52:54:00:12:34:56", .string), ("1:30", .string),
      ("2026-01-01", .string), ("١", .string),
    ] as [(String, Scalar.Kind)])
  func kind(text: String, kind: Scalar.Kind) {
    #expect(Scalar(text, isPlain: true).kind == kind)
    #expect(Scalar(text, isPlain: false).kind == .string)
  }

  @Test(
    "has an integer value if it is plain, whole and fits into 64 bits",
    arguments: [
      ("0", 0), ("-7", -7), ("0x1f", 31), ("0xFFFF", 65535), ("9223372036854775807", Int.max),
      ("9223372036854775808", nil), ("0xFFFFFFFFFFFFFFFF", nil), ("1.0", 1), ("-2e1", -20),
      ("1.5", nil), ("1e400", nil), ("012", nil),
    ] as [(String, Int?)])
  func integer(text: String, value: Int?) {
    #expect(Scalar(text, isPlain: true).integer == value)
    #expect(Scalar(text, isPlain: false).integer == nil)
  }
}
