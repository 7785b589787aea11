/// Names and texts that try to break parsers, terminals, shells and output formats.
public enum HostileNames {
  public static let all: [String] = quotes + controlSequences + invisible + paths + words + lengths

  private static let quotes = [
    "'", "\"", "`", "a'b\"c`d", "'/><hostdev managed='yes", "\" onload=\"x", "]]>", "-->", "<!--",
    "<script>x</script>",
    "<&>", "&amp;", "&#27;", "&lt", "|", "a|b\\|c\\\\|d", "|\u{301}", "`\u{301}", "<\u{338}b>", "```", "~~~",
    "\\", "\\\\",
    "\\u001b", "\",\"execute\":\"quit", "}{", "[x](javascript:x)", "![x](http://x)", "*_~#@",
    "=cmd|' /C x'!A0",
  ]

  /// Control characters and escape sequences that terminals execute.
  private static let controlSequences = [
    "a\nb", "a\r\nb", "\r", "\n", "\t", "a\u{B}b\u{C}c", "\u{8}\u{8}", "\u{7}", "\u{1B}",
    "\u{1B}[31mred\u{1B}[0m",
    "\u{1B}[2J\u{1B}[H", "\u{1B}]0;title\u{7}", "\u{1B}]8;;http://x\u{1B}\\link\u{1B}]8;;\u{1B}\\",
    "\u{1B}]52;c;eA==\u{7}", "\u{1B}P$q\u{1B}\\", "\u{1B}c", "\u{9B}31m", "\u{9D}52;c;eA==\u{9C}", "\u{85}",
    "\u{90}x",
    "\u{7F}", "\u{0}", "web\u{0}evil", "\u{E}",
  ]

  /// Characters that are invisible, or that change how text is displayed.
  private static let invisible = [
    "user\u{202E}txt.exe", "\u{202A}\u{202B}\u{202D}\u{202C}", "\u{2066}x\u{2069}", "\u{200E}\u{200F}",
    "\u{61C}",
    "a\u{200B}b\u{200C}c\u{200D}d", "\u{2060}", "\u{FEFF}", "\u{AD}", "\u{34F}", "\u{2028}", "\u{2029}",
    "\u{180E}",
    "\u{3164}", "\u{FFA0}", "\u{115F}", "\u{FE0F}", "\u{FFF9}\u{FFFB}", "\u{FFFE}", "\u{FFFF}",
    "\u{E0041}\u{E007F}",
    "\u{E0100}", "\u{1D173}", "\u{1FFFE}", "e\u{301}\u{301}\u{301}", "é", "漢字", "🙂",
  ]

  private static let paths = [
    "", ".", "..", "/", "//", "../", "../../../../etc/passwd", "/etc/passwd", "a/../b", "a/b", "./a", "~",
    "~root", "a ",
    " a", " ", "file:///etc/passwd", "/proc/self/fd/0", "/dev/stdin", "C:\\x",
  ]

  /// Words that have a special meaning for programs, shells and formats.
  private static let words = [
    "-", "--", "-rf", "--option", "-x/../y", "--remove", "%s%n%x", "%2e%2e%2f", "$(id)", "`id`", "${IFS}",
    ";id", "&&id",
    "a=b", "a,b=c", "*", "?", "[a-z]", "{a,b}", "!x", "#x", "null", "true", "0", "-1", "1e400", "0x10", "NaN",
    "dev",
    "type", "vf", "install", "pci:v00008086", "ua-pcipass-x", "pcipass-", "port.0",
  ]

  private static let lengths = [
    String(repeating: "a", count: 16), String(repeating: "a", count: 254), String(repeating: "a", count: 256),
    String(repeating: "é", count: 255), String(repeating: "a", count: 5000),
    String(repeating: "\u{301}", count: 300),
  ]

  /// All names combined into a few texts, for slow tests. Names that are valid file names are in
  /// texts of their own.
  public static let combined: [String] = {
    var texts: [String] = []
    for isFileName in [true, false] {
      var text = ""
      for name in all where name.utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "/") }) == isFileName {
        if text.unicodeScalars.count + name.unicodeScalars.count > 200 {
          texts.append(text)
          text = ""
        }
        text += name + " "
      }
      texts.append(text)
    }
    return texts
  }()

  /// Byte sequences that are not UTF-8: stray and truncated sequences, a surrogate, overlong
  /// encodings and a code point above U+10FFFF.
  public static let invalidUTF8: [[UInt8]] = [
    [0xFF], [0x80], [0xC3], [0x61, 0xE2, 0x80], [0xED, 0xA0, 0x80], [0xC0, 0xAF], [0xC1, 0x9B],
    [0xF4, 0x90, 0x80, 0x80],
    [0x9B, 0x33, 0x31, 0x6D],
  ]

  /// JSON strings that do not decode to text.
  public static let invalidJSONStrings = [
    #""\ud800""#, #""\udc00""#, #""a\ud800b""#, #""\udc00\ud800""#, #""\ud800\u0041""#, #""\uD83D""#,
    #""\u12""#,
    #""\x1b""#, #""\u{1b}""#,
  ]

  /// The control and invisible characters of a text, except newlines and tabs. They are determined
  /// by Unicode properties, independently of the list in pcipass.
  public static func invisibleCharacters(in text: String) -> [Unicode.Scalar] {
    text.unicodeScalars.filter { scalar in
      if scalar == "\n" || scalar == "\t" { return false }
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator, .surrogate: return true
      default:
        return scalar.properties.isDefaultIgnorableCodePoint || scalar.properties.isNoncharacterCodePoint
          || (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
      }
    }
  }
}
