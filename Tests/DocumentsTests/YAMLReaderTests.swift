import Documents
import Testing

@Suite("The YAML reader")
struct YAMLReaderTests {
  @Test("keeps the position of every value and key")
  func places() throws {
    let root = try document("a: 1\nlist:\n  - x\n  - {b: yy}\n")
    #expect(root.extent == "1:1+1")
    let list = try #require(root["list"])
    #expect(list.extent == "3:3+1")
    guard case .sequence(let nodes) = list.content, case .mapping(let members) = nodes[1].content else {
      Issue.record("not the tree that was written")
      return
    }
    #expect(nodes[0].extent == "3:5+1")
    #expect(members[0].value.extent == "4:9+2")
    #expect(members[0].keyPosition == Position(line: 3, column: 5))
  }

  @Test("counts columns in characters, not in bytes")
  func columns() throws {
    let root = try document("größe: {ß: äöü}")
    #expect(root["größe"]?["ß"]?.extent == "1:12+3")
  }

  @Test("counts lines across documents")
  func linesOverDocuments() {
    let nodes = documents("a: 1\n---\n# a comment\nb: 2\n...\n---\nc: 3\n")
    #expect(nodes.map(\.extent) == ["1:1+1", "4:1+1", "7:1+1"])
  }

  @Test(
    "splits a text into documents and omits empty ones",
    arguments: [
      ("", []), ("\n\n", []), ("# only a comment\n", []), ("---\n", []), ("---\n---\n...\n---\n", []),
      ("a: 1", ["{a: 1}"]), ("---\na: 1\n---\n", ["{a: 1}"]), ("---\n---\na: 1\n", ["{a: 1}"]),
      ("a: 1\n---\nb: 2\n", ["{a: 1}", "{b: 2}"]), ("a: 1\r\n---\r\nb: 2\r\n", ["{a: 1}", "{b: 2}"]),
      ("--- ''\n", ["\"\""]), ("--- ~\n", ["~"]), ("%YAML 1.2\n---\na: 1\n", ["{a: 1}"]),
    ] as [(String, [String])])
  func division(text: String, expected: [String]) {
    #expect(documents(text).map(\.outline) == expected)
  }

  @Test(
    "distinguishes plain scalars from quoted, block and tagged ones",
    arguments: [
      ("a: on", "{a: on}"), ("a: 'on'", "{a: \"on\"}"), ("a: \"o\\x6e\"", "{a: \"on\"}"),
      ("a: |\n  on\n", "{a: \"on\n\"}"), ("a: >-\n  on\n", "{a: \"on\"}"), ("a:", "{a: }"),
      ("a: 0000:03:00.0", "{a: 0000:03:00.0}"), ("a: 52:54:00:12:34:56", "{a: 52:54:00:12:34:56}"),
      ("a: 1 # one", "{a: 1}"), ("[a, b: c, 'd']", "[a, {b: c}, \"d\"]"), ("? a\n: b", "{a: b}"),
      ("a: !!str on", "{a: \"on\"}"), ("a: ! on", "{a: \"on\"}"), ("a: !!map {}", "{a: {}}"),
      ("a: !!seq []", "{a: []}"), ("1: x\nnull: y\n", "{1: x, null: y}"),
    ])
  func scalars(text: String, expected: String) throws {
    #expect(try document(text).outline == expected)
  }

  @Test(
    "refuses a tag of another type, at the position of the tag",
    arguments: [
      ("a: !!int 1", "1:4", "tag:yaml.org,2002:int"), ("a:\n  - !secret x", "2:5", "!secret"),
      ("a: !!set {b}", "1:4", "tag:yaml.org,2002:set"), ("a: !!binary aGk=", "1:4", "binary"),
      ("a: !!python/object:os.system {}", "1:4", "python/object:os.system"), ("!!str [a]", "1:1", "str"),
    ])
  func tags(text: String, location: String, tag: String) throws {
    let error = try refusal(of: text)
    #expect(error.code == "yaml-tag")
    #expect(error.location?.description == "t.yaml:\(location)")
    #expect(error.message.contains(tag))
  }

  @Test("treats a merge key as an ordinary key, so that a record can refuse it")
  func mergeKey() throws {
    #expect(try document("a: &x {b: 1}\nc: {<<: *x, d: 2}").outline == "{a: {b: 1}, c: {<<: {b: 1}, d: 2}}")
  }

  @Test("skips a byte order mark without moving the first line")
  func byteOrderMark() throws {
    let root = try document("\u{FEFF}a: 1\nb: {c: x}\n")
    #expect(root.outline == "{a: 1, b: {c: x}}")
    #expect(root.extent == "1:1+1")
    #expect(root["a"]?.extent == "1:4+1")
  }

  @Test("returns the documents before the first invalid one")
  func goodBeforeBad() {
    var diagnostics: [Diagnostic] = []
    let source = Source(name: "t.yaml", text: "a: 1\n---\nb: [\n---\nc: 3\n")
    let nodes = YAMLReader.documents(of: source, diagnostics: &diagnostics)
    #expect(nodes.map(\.outline) == ["{a: 1}"])
    #expect(diagnostics.count == 1)
  }
}
