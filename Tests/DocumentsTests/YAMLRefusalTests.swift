import Documents
import TestSupport
import Testing

@Suite("Invalid YAML")
struct YAMLRefusalTests {
  @Test(
    "is refused at the position of the error",
    arguments: [
      ("a: 1\n\tb: 2", "2:1"), ("a: b: c", "1:5"), ("a: [1, 2", "1:9"), ("a: {b: 1", "1:9"), ("a: 'x", "1:6"),
      ("a: \"x", "1:6"), ("a: \"\\q\"", "1:5"), ("a: @x", "1:4"), ("a: `x`", "1:4"), ("a: %x", "1:4"),
      ("a: 1\n b: 2", "2:3"), ("a:\n  - 1\n b: 2", "3:2"), ("- 1\na: 2", "2:1"),
      ("%YAML 1.3\n---\na: 1", "1:1"),
      ("a: |x\n  y", "1:5"), ("a: &", "1:5"), ("a: *", "1:5"), ("]", "1:1"), ("a: !<x y", "1:7"),
      ("a: 1]", ""), ("ab\u{0}: 1", "1:3"), ("a: \u{1B}[31m", "1:4"), ("a: \u{7}", "1:4"),
    ])
  func syntax(text: String, location: String) throws {
    if location.isEmpty {
      #expect(try document(text).outline == "{a: 1]}")
      return
    }
    let error = try refusal(of: text)
    #expect(error.code == "yaml-syntax" || error.code == "yaml-encoding")
    #expect(error.location?.description == "t.yaml:\(location)", "\(error.line)")
  }

  @Test(
    "with a duplicate key is refused with both positions",
    arguments: [
      ("a: 1\nb: 2\na: 3", "3:1", "1:1"), ("{x: {a: 1, 'a': 2}}", "1:12", "1:6"),
      ("- k: 1\n  \"k\": 2", "2:3", "1:3"), ("a: &x k\n*x : 1\nk: 2", "3:1", "2:1"),
      ("- a: 1\n- {b: 2, b: 2}", "2:10", "2:4"), ("? a\n: 1\n? a\n: 2", "3:3", "1:3"),
    ])
  func duplicateKeys(text: String, second: String, first: String) throws {
    let error = try refusal(of: text)
    #expect(error.code == "duplicate-key")
    #expect(error.location?.description == "t.yaml:\(second)")
    #expect(error.related?.description == "t.yaml:\(first)")
  }

  @Test("with a duplicate key among 1000 keys is refused", arguments: [0, 23, 24, 25, 999])
  func duplicateAmongMany(first: Int) throws {
    let error = try refusal(of: (0..<1000).map { "k\($0): 1\n" }.joined() + "k\(first): 2\n")
    #expect(error.location?.line == 1001)
    #expect(error.related?.line == first + 1)
  }

  @Test(
    "with a list or a mapping as a key is refused",
    arguments: ["? [a]\n: 1", "{[a]: 1}", "? {a: 1}\n: 2"])
  func keys(text: String) throws {
    #expect(try refusal(of: text).code == "yaml-key")
  }

  @Test(
    "that is not UTF-8 is refused at the first invalid byte",
    arguments: [
      ([0xFF], 1, 1), ([0x61, 0x3A, 0x20, 0xC3, 0x28], 1, 5), (Array("a: ä\nb: ö".utf8) + [0x80], 2, 5),
      (Array("a: 1\nbé: ".utf8) + [0xC3], 2, 5), (Array("a: ".utf8) + [0xED, 0xA0, 0x80], 1, 4),
      (Array("a: ".utf8) + [0xC0, 0xAF], 1, 4), (Array("a: ".utf8) + [0xF4, 0x90, 0x80, 0x80], 1, 4),
      ([0xEF, 0xBB, 0xBF] + Array("a: 1\nb: ".utf8) + [0xFE], 2, 4), ([0xEF, 0xBB, 0xBF, 0x61, 0xFE], 1, 2),
    ] as [([UInt8], Int, Int)])
  func encoding(text: [UInt8], line: Int, column: Int) throws {
    let error = try refusal(of: text)
    #expect(error.code == "yaml-encoding")
    #expect(error.location?.line == line, "\(error.line)")
    #expect(error.location?.column == column, "\(error.line)")
    #expect(error.help?.contains("UTF-8") == true)
  }

  @Test("that is not UTF-8 far into a long text is refused at the right line")
  func encodingFarIn() throws {
    let text =
      Array(String(repeating: "äöü: 1\n---\n", count: 50_000).utf8) + Array("ab: ".utf8) + [0xE9, 0x0A]
    let error = try refusal(of: text)
    #expect(error.location?.description == "t.yaml:100001:5", "\(error.line)")
  }

  @Test(
    "in UTF-16 is refused, with a byte order mark or without",
    arguments: [
      [0xFF, 0xFE, 0x61, 0x00], [0xFE, 0xFF, 0x00, 0x61], [0xFF, 0xFE], [0xFF, 0xFE, 0, 0, 0x61, 0, 0, 0],
      [0x61, 0x00, 0x3A, 0x00, 0x20, 0x00], [0x00, 0x61, 0x00, 0x3A],
    ] as [[UInt8]])
  func utf16(text: [UInt8]) throws {
    let error = try refusal(of: text)
    #expect(error.code == "yaml-encoding")
    #expect(error.location?.line == 1)
    #expect(error.message.contains("UTF-16"), "\(error.line)")
  }

  @Test(
    "with line ends on which readers disagree is refused at the first one",
    arguments: [
      ("a: 1\rb: 2", "1:5"), ("a: 1\r\nb: 2\r", "2:5"), ("a: x\u{85}y", "1:5"), ("a: ä\nb: x\u{2028}", "2:5"),
      ("# \u{2029}", "1:3"),
    ])
  func lineEnds(text: String, location: String) throws {
    let error = try refusal(of: text)
    #expect(error.code == "yaml-line-end")
    #expect(error.location?.description == "t.yaml:\(location)")
  }

  @Test("that is cut off at any byte yields documents or an error with a position")
  func truncated() {
    let whole = Array(
      """
      a: &x [1, "zwei\\n", 'drei']
      b: {c: *x, d: |
          mehr
        }
      ---
      größe: !!str >-
        text
      """.utf8)
    for end in 0...whole.count { readToTheEnd(Array(whole[..<end])) }
  }

  @Test("that is random yields documents or an error with a position")
  func random() {
    var dice = Dice(seed: 1)
    let pieces = [
      "a", ": ", "- ", "[", "]", "{", "}", ", ", "\n", "  ", "'", "\"", "&x ", "*x", "|\n", "---\n", "#",
      "\t", "!", "? ", "ä",
    ]
    for _ in 0..<20_000 {
      let count = Int.random(in: 1...24, using: &dice)
      var text = Array((0..<count).map { _ in pieces.randomElement(using: &dice)! }.joined().utf8)
      if count % 5 == 0 {
        text[Int.random(in: 0..<text.count, using: &dice)] = UInt8.random(in: 0...255, using: &dice)
      }
      readToTheEnd(text)
    }
  }

  private func readToTheEnd(_ text: [UInt8]) {
    let source = Source(name: "t.yaml", text: text)
    var diagnostics: [Diagnostic] = []
    let nodes = YAMLReader.documents(of: source, diagnostics: &diagnostics)
    let end = source.position(ofByte: text.count)
    for node in nodes { #expect(node.lastPosition <= end, "\(node.outline)") }
    for diagnostic in diagnostics {
      #expect(!diagnostic.message.isEmpty)
      let position = diagnostic.location?.position
      #expect(position.map { $0 <= end } == true, "\(diagnostic.line) of \(text)")
    }
  }
}
