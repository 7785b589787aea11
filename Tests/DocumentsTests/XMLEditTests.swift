import Documents
import Testing

@Suite("Editing XML")
struct XMLEditTests {
  private func edited(_ text: String, _ edits: (Range<Int>, String)...) -> String? {
    XMLEdit.apply(edits.map { XMLEdit($0.0, $0.1) }, to: Array(text.utf8)).map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  @Test func `only what is edited changes`() {
    #expect(edited("abcdef") == "abcdef")
    #expect(edited("abcdef", (4..<6, "X"), (0..<1, "YZ")) == "YZbcdX")
    #expect(edited("abcdef", (2..<2, "1"), (2..<4, "3"), (2..<2, "2"), (6..<6, "4")) == "ab123ef4")
    #expect(edited("", (0..<0, "x")) == "x")
  }

  @Test func `edits that overlap or lie outside are refused`() {
    #expect(edited("abc", (0..<2, ""), (1..<3, "")) == nil)
    #expect(edited("abc", (0..<3, ""), (1..<1, "x")) == nil)
    #expect(edited("abc", (2..<4, "")) == nil)
    #expect(edited("abc", (-1..<1, "")) == nil)
  }

  @Test func `an attribute and an element are edited where they stand`() throws {
    let text = "<a  b = 'old' ><!-- kept --><c/>\r\n</a>"
    let root = try xml(text)
    let value = try #require(root.attributes.first)
    let element = try #require(root.first("c"))
    #expect(
      edited(text, (element.range, "<d/>"), (value.contentRange, xmlEscaped("n'w", for: .attribute) ?? ""))
        == "<a  b = 'n&apos;w' ><!-- kept --><d/>\r\n</a>")
  }

  @Test(arguments: ["", "x", "<&>\"'", "a\tb\nc\rd\r\ne", "]]>", "&amp;", "é😀\u{FFFD}\u{85}", " "])
  func `what is escaped is read as it was`(text: String) throws {
    let value = try #require(xmlEscaped(text, for: .attribute))
    let data = try #require(xmlEscaped(text, for: .characterData))
    for quote in ["'", "\""] {
      let root = try xml("<a b=\(quote)\(value)\(quote)>\(data)</a>")
      #expect(root[attribute: "b"].map { Array($0.utf8) } == Array(text.utf8))
      #expect(Array(root.text.utf8) == Array(text.utf8))
    }
  }

  @Test(arguments: ["\u{0}", "a\u{1F}", "\u{FFFE}", "\u{FFFF}"])
  func `what XML cannot hold is not escaped`(text: String) {
    #expect(xmlEscaped(text, for: .attribute) == nil)
    #expect(xmlEscaped(text, for: .characterData) == nil)
  }
}
