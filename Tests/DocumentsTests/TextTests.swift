import Documents
import Testing

@Suite("Printed text")
struct PrintableTests {
  @Test(
    "has control and invisible characters escaped",
    arguments: [
      ("plain, with äöü and 漢字 and 🙂", "plain, with äöü and 漢字 and 🙂"), ("", ""),
      ("a\tb\nc\r", "a\\tb\\nc\\r"),
      ("\u{1B}[31mred", "\\u{1b}[31mred"), ("\u{0}\u{7}\u{7F}", "\\u{0}\\u{7}\\u{7f}"),
      ("\u{9B}31m", "\\u{9b}31m"),
      ("user\u{202E}txt.exe", "user\\u{202e}txt.exe"), ("\u{2066}x\u{2069}", "\\u{2066}x\\u{2069}"),
      ("zero\u{200B}width\u{200D}", "zero\\u{200b}width\\u{200d}"), ("\u{FEFF}", "\\u{feff}"),
      ("\u{61C}\u{AD}\u{FFF9}", "\\u{61c}\\u{ad}\\u{fff9}"),
      ("\u{2028}\u{2029}\u{85}", "\\u{2028}\\u{2029}\\u{85}"),
      ("\u{E0041}", "\\u{e0041}"), ("e\u{301}", "e\u{301}"), ("a\r\nb", "a\\r\\nb"),
    ])
  func escaped(text: String, expected: String) {
    #expect(printable(text) == expected)
  }

  @Test("has no control character")
  func all() {
    let text = String(String.UnicodeScalarView((0...0x2FF).compactMap(Unicode.Scalar.init)))
    #expect(!printable(text).unicodeScalars.contains { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) })
  }
}

@Suite("A suggestion")
struct SpellingTests {
  static let keys = ["name", "select", "expect", "virtualFunctions", "driver", "mac", "vlan"]

  @Test(
    "is the nearest candidate, if one is near enough",
    arguments: [
      ("nmae", "name"), ("names", "name"), ("Name", "name"), ("selct", "select"), ("drvier", "driver"),
      ("virtualfunctions", "virtualFunctions"), ("virtual_functions", "virtualFunctions"), ("mca", "mac"),
      ("vlna", "vlan"), ("expectt", "expect"), ("colour", nil), ("", nil), ("x", nil), ("address", nil),
      ("zz", nil),
    ] as [(String, String?)])
  func near(word: String, expected: String?) {
    #expect(nearest(to: word, among: Self.keys) == expected)
  }

  @Test("is the first of two equally near candidates, and nil without candidates")
  func ties() {
    #expect(nearest(to: "lan", among: ["lan1", "lan2"]) == "lan1")
    #expect(nearest(to: "lan", among: []) == nil)
  }

  @Test("is not made for a very long word, which is decided quickly")
  func long() throws {
    let word = String(repeating: "x", count: 4 << 20)
    #expect(try quickly { nearest(to: word, among: Self.keys) } == nil)
  }
}

@Suite("A source")
struct SourceTests {
  @Test(
    "converts a byte offset to a line and a column, also one out of range",
    arguments: [
      (0, "1:1"), (2, "1:2"), (4, "1:3"), (5, "2:1"), (6, "2:2"), (8, "2:3"), (100, "2:3"), (-1, "1:1"),
    ])
  func marks(offset: Int, expected: String) {
    let source = Source(name: "t", text: "äö\nxé")
    #expect(
      Documents.SourceLocation(source: source, position: source.position(ofByte: offset)).description
        == "t:\(expected)")
  }

  @Test("returns each line without its line end")
  func lines() {
    let source = Source(name: "t", text: "one\r\nzwei\n\nlast")
    #expect(source.lineStarts() == [0, 5, 10, 11])
    #expect(source.lineStarts().map { source.line(at: $0).text } == ["one", "zwei", "", "last"])
    #expect(Source(name: "t", text: "").line(at: 0).text == "")
    #expect(Source(name: "t", text: "\u{FEFF}one\ntwo").lineStarts() == [3, 7])
    #expect(Source(name: "t", text: "a\n").line(at: 2).text == "")
  }

  @Test("returns the part of a long line around a column, in any order of columns")
  func excerpts() {
    let words = (0..<500).map { "é\($0)🙂" }
    let line = words.joined(separator: " ")
    let source = Source(name: "t", text: "first\n" + line + "\r\nlast")
    var search = ColumnSearch()
    var columns = [0]
    for word in words { columns.append((columns.last ?? 0) + word.unicodeScalars.count + 1) }
    for number in Array(0..<500) + (0..<500).reversed() + [499, 0, 250, 249] {
      let excerpt = LineExcerpt(of: source, lineAt: 6, column: columns[number], &search)
      let rest = excerpt.text.unicodeScalars.dropFirst(excerpt.column)
      #expect(String(String.UnicodeScalarView(rest)).hasPrefix(words[number]))
      #expect(excerpt.text.hasPrefix("…") == (number > 7) && excerpt.text.utf8.count <= 126)
      let shown = excerpt.text.replacing("…", with: "")
      #expect(line.contains(shown) && !shown.isEmpty)
    }
    let end = LineExcerpt(of: source, lineAt: 6, column: 1_000_000, &search)
    #expect(end.text.hasSuffix("499🙂") && end.column == end.text.unicodeScalars.count)
    let last = LineExcerpt(of: source, lineAt: 6 + line.utf8.count + 2, column: 9, &search)
    #expect(last.text == "last" && last.column == 4)
  }

  @Test("truncates a line that is too long, never within a character")
  func longLines() {
    for pad in 0..<4 {
      let text = String(repeating: "x", count: pad) + String(repeating: "🙂", count: 1000)
      let (line, isWhole) = Source(name: "t", text: text).line(at: 0)
      #expect(!isWhole && text.hasPrefix(line))
      #expect((396...400).contains(line.utf8.count))
    }
  }
}
