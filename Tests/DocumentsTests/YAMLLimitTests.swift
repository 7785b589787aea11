import Documents
import Testing

@Suite("The limits of YAML")
struct YAMLLimitTests {
  static let traps = [
    Trap("10 MB of [", String(repeating: "[", count: 10 << 20)),
    Trap("10 MB of {", String(repeating: "{", count: 10 << 20)),
    Trap("40,000 times {a: ", String(repeating: "{a: ", count: 40_000)),
    Trap("10 MB of [, each on a line of its own", String(repeating: "[\n", count: 5 << 20)),
    Trap("a million nested list items", String(repeating: "- ", count: 1_000_000)),
    Trap("a million nested explicit keys", String(repeating: "? ", count: 1_000_000)),
    Trap("nested by indentation", (0..<1000).map { String(repeating: " ", count: $0) + "a:\n" }.joined()),
  ]

  @Test("refuse deep nesting quickly", arguments: traps)
  func nesting(trap: Trap) throws {
    let text = Array(trap.text().utf8)
    let error = try quickly { try refusal(of: text) }
    #expect(error.code == "limit", "\(error.line)")
    #expect(error.message.contains("64"))
  }

  @Test("allow 64 levels of nesting and refuse 65")
  func depth() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    _ = try document(nested(64))
    #expect(try refusal(of: nested(65)).location?.description == "t.yaml:1:65")
  }

  @Test("refuse a text with too many bytes")
  func size() throws {
    var limits = Limits()
    limits.bytes = 100
    _ = documents(String(repeating: "#", count: 100), limits: limits)
    let error = try refusal(of: String(repeating: "#", count: 101), limits: limits)
    #expect(error.code == "limit")
    #expect(error.message.contains("t.yaml") && error.message.contains("100"))
  }

  @Test("refuse a document with too many values, at the first excess value")
  func nodes() throws {
    var limits = Limits()
    limits.nodes = 5
    _ = documents("[a, b, c, d]\n---\n[a, b, c, d]", limits: limits)
    let error = try refusal(of: "[a, b, c, d, e]", limits: limits)
    #expect(error.code == "limit")
    #expect(error.location?.column == 14)
  }

  @Test("allow a scalar of 10 MB, which is read in linear time")
  func longScalar() throws {
    let text = "a: " + String(repeating: "x", count: 10 << 20)
    let root = try quickly { try document(text) }
    #expect(root.outline.utf8.count == text.utf8.count + 2)
  }

  @Test("allow 200,000 keys, which are read in linear time")
  func manyKeys() throws {
    let text = (0..<200_000).map { "k\($0): \($0)\n" }.joined()
    let root = try quickly { try document(text) }
    #expect(root["k199999"]?.outline == "199999")
  }
}
