import Documents
import TestSupport
import Testing

@Suite("The JSON reader")
struct JSONReaderTests {
  @Test(
    "accepts what RFC 8259 calls JSON",
    arguments: [
      ("null", "null"), ("true", "true"), ("false", "false"), ("0", "0"), ("-0", "-0"), ("12", "12"),
      ("-1", "-1"), ("1.5", "1.5"), ("-0.1", "-0.1"), ("0e1", "0e1"), ("1e3", "1e3"), ("1E+3", "1E+3"),
      ("1.5e-3", "1.5e-3"), ("99999999999999999999", "99999999999999999999"), ("[]", "[]"), ("{}", "{}"),
      (" \t\r\n[ ] \n", "[]"), ("[1,2]", "[1, 2]"), ("[ 1 , [ ] , { } ]", "[1, [], {}]"),
      (#"{"a":1,"b":[true]}"#, "{a: 1, b: [true]}"), (#"{"":0}"#, "{: 0}"), (#""""#, #""""#),
      (#""a""#, #""a""#), (#""true""#, #""true""#), ("{\"a\"\n:\r\n1\t}", "{a: 1}"),
      (#""\"\\\/\b\f\n\r\t""#, "\"\"\\/\u{8}\u{C}\n\r\t\""), (#""\u0041\u00e9\u00E9""#, "\"Aéé\""),
      (#""\u0000""#, "\"\u{0}\""), (#""\uD834\uDD1E\ud834\udd1e""#, "\"𝄞𝄞\""), ("\"é𝄞\"", "\"é𝄞\""),
      ("\"\u{7F}\u{2028}\u{85}\"", "\"\u{7F}\u{2028}\u{85}\""), ("\u{FEFF}[1]", "[1]"),
      (#""\\u0041""#, #""\u0041""#), ("\"\u{FEFF}\"", "\"\u{FEFF}\""),
    ])
  func accepts(text: String, expected: String) throws {
    #expect(try json(text).outline == expected)
  }

  @Test(
    "refuses what RFC 8259 does not call JSON",
    arguments: [
      "", " ", "[", "{", "]", "}", ",", ":", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1 2]", "[1]]", "[1}",
      "[1:2]", "{,}", #"{"a"}"#, #"{"a":}"#, #"{"a":1"#, #"{"a":1,"#, #"{"a":1,}"#, #"{"a" 1}"#,
      #"{"a":1 "b":2}"#, #"{"a":1]"#, "{a:1}", "{'a':1}", "{1:1}", "{null:1}", #"{["a"]:1}"#, "'a'", "a",
      "01", "-01", "-", "--1", "+1", "1.", ".5", "-.5", "1.e3", "1e", "1e+", "1.2.3", "007.5", "0x1F",
      "1_000",
      "1a", "Infinity", "-Infinity", "NaN", "True", "TRUE", "Null", "nul", "nullx", "truefalse", "~", "on",
      "1 2", "{}{}", "[],", "\"a", "\"", #""\"#, #""\""#, #""\x41""#, #""\a""#, #""\'""#, #""\u""#,
      #""\u12""#, #""\u12G4""#, #""\uD800""#, #""\uD800\u0041""#, #""\uD800\uD800""#, #""\uD800x""#,
      #""\uDC00""#, #""\U0041""#, "\"\n\"", "\"\t\"", "\"\u{0}\"", "\"\\\n\"", "\u{A0}1", "\u{C}1", "\u{B}1",
      "1 // one", "/* one */ 1", "# one\n1", "\u{0}", "1\u{0}", "é", "\u{FEFF}", "\u{FEFF}\u{FEFF}1",
      "[\u{FEFF}1]",
      "--- 1", "- 1", "&a 1", "!!str 1",
    ])
  func refuses(text: String) throws {
    let error = try jsonRefusal(of: text)
    #expect(error.code == "json-syntax")
    #expect(error.location != nil)
  }

  @Test(
    "refuses text that is not UTF-8, at the invalid string",
    arguments: [
      [0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xC3, 0x28, 0x22], [0x22, 0xC0, 0xAF, 0x22],
      [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], [0x22, 0x80, 0x5C, 0x6E, 0x22],
    ] as [[UInt8]])
  func notUTF8(text: [UInt8]) throws {
    let error = try jsonRefusal(of: Array("[\"ok\",\n ".utf8) + text + Array("]".utf8))
    #expect(error.codeLine == "t.json:2:2 json-syntax")
  }

  @Test("counts the characters after a backslash")
  func afterBackslash() throws {
    // 0x8B is a continuation byte, which is not counted; the tab is the fourth character.
    #expect(try jsonRefusal(of: [0x22, 0x5C, 0x8B, 0x61, 0x09, 0x22]).location?.column == 4)
    #expect(try jsonRefusal(of: [0x22, 0x5C, 0x0A, 0x22]).location?.column == 3)
  }

  @Test(
    "refuses UTF-16 and other binary",
    arguments: [[0xFF, 0xFE, 0x31, 0], [0, 0x31], [0x7F, 0x45, 0x4C, 0x46]] as [[UInt8]])
  func binary(text: [UInt8]) throws {
    #expect(try jsonRefusal(of: text).location?.description == "t.json:1:1")
  }

  @Test("keeps the position of every value and key, in characters")
  func places() throws {
    let root = try json("\u{FEFF}{\"é\": \"ü\", \"x\": [1,\n  \"𝄞\", 23]}")
    #expect(root.extent == "1:1+1")
    #expect(root["é"]?.extent == "1:7+3")
    guard case .mapping(let members) = root.content, case .sequence(let nodes) = members[1].value.content
    else {
      Issue.record("not the tree that was written")
      return
    }
    #expect(members[1].keyPosition == Position(line: 0, column: 11))
    #expect(nodes.map(\.extent) == ["1:18+1", "2:3+3", "2:8+2"])
  }

  @Test(
    "reports the position of an error",
    arguments: [
      ("{\"é\": 1, \"ü\": x}", "1:15"), ("{\n  \"a\": 1\n  \"b\": 2\n}", "3:3"), ("[1,\n 2,\n]", "3:1"),
      ("[\"abc", "1:2"), ("[\"é\\x\"]", "1:2"), ("[1] x", "1:5"), ("{\"a\" 1}", "1:6"), ("\u{FEFF}x", "1:1"),
      ("[1,\r\n  +2]", "2:3"), ("[\"\t\"]", "1:3"),
    ])
  func errorPlaces(text: String, location: String) throws {
    #expect(try jsonRefusal(of: text).location?.description == "t.json:\(location)")
  }

  @Test(
    "refuses a duplicate key, also an escaped one, with both positions",
    arguments: [#"{"a": 1, "b": 2, "a": 3}"#, #"{"a": 1, "b": 2, "\u0061": 3}"#])
  func duplicates(text: String) throws {
    let error = try jsonRefusal(of: text)
    #expect(error.code == "duplicate-key")
    #expect(error.location?.column == 18)
    #expect(error.related?.column == 2)
  }

  @Test(
    "refuses deep nesting quickly",
    arguments: [
      Trap("10 MB of [", String(repeating: "[", count: 10 << 20)),
      Trap("10 MB of objects", String(repeating: #"{"a":"#, count: 2 << 20)),
      Trap("6 MB of both", String(repeating: #"[{"a":"#, count: 1 << 20)),
      Trap("10 MB of [, each on a line of its own", String(repeating: "[\n", count: 5 << 20)),
    ])
  func nesting(trap: Trap) throws {
    let text = Array(trap.text().utf8)
    let error = try quickly { try jsonRefusal(of: text) }
    #expect(error.code == "limit")
    #expect(error.message.contains("64"))
  }

  @Test("accepts 64 levels and refuses 65")
  func depth() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    _ = try json(nested(64))
    #expect(try jsonRefusal(of: nested(65)).location?.column == 65)
  }

  @Test("refuses more values or bytes than the limits allow")
  func limits() throws {
    var limits = Limits()
    limits.nodes = 3
    #expect(try jsonRefusal(of: Array("[1,2,3]".utf8), limits: limits).location?.column == 6)
    limits.bytes = 6
    #expect(try jsonRefusal(of: Array("[1,2,3]".utf8), limits: limits).code == "limit")
  }

  @Test("reads long strings, numbers and objects in linear time")
  func longTexts() throws {
    let string = "\"" + String(repeating: "é", count: 1 << 20) + "\""
    #expect(try quickly { try json(string) }.outline.utf8.count == string.utf8.count)
    let escaped = "\"" + String(repeating: "\\n", count: 1 << 18) + "\""
    #expect(try quickly { try json(escaped) }.outline.utf8.count == (1 << 18) + 2)
    let number = String(repeating: "9", count: 1 << 20)
    #expect(try quickly { try json(number) }.outline.utf8.count == number.utf8.count)
    let object = "{" + (0..<100_000).map { "\"k\($0)\":\($0)" }.joined(separator: ",") + "}"
    #expect(try quickly { try json(object) }["k99999"]?.outline == "99999")
  }

  @Test("returns an error for a truncated text, and does not crash on a changed byte")
  func damaged() throws {
    let whole = Array(#"{"a": [1, -2.5e3, true, null], "é\u00e9\n": {"b": "x"}}"#.utf8)
    var dice = Dice(seed: 2)
    for end in whole.indices {
      _ = try jsonRefusal(of: Array(whole[..<end]))
      for _ in 0..<200 {
        var changed = whole
        changed[end] = UInt8.random(in: 0...255, using: &dice)
        _ = try? JSONReader.document(of: Source(name: "t.json", text: changed))
      }
    }
  }
}
