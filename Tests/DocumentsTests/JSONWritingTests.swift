import Documents
import Testing

@Suite("Written JSON")
struct JSONWritingTests {
  static let values: [(value: JSON, line: String)] = [
    (.null, "null"), (.boolean(true), "true"), (.integer(Int.min), "-9223372036854775808"),
    (
      .string("a\"b\\c\n\t\r\u{0}\u{1B}\u{7F}\u{85}\u{2028}\u{FFFE}é𝄞"),
      #""a\"b\\c\n\t\r\u0000\u001b\u007f\u0085\u2028\ufffeé𝄞""#
    ),
    (.array([]), "[]"), (.object([]), "{}"),
    (.array([.integer(1), .array([.string("x")]), .object([])]), #"[1, ["x"], {}]"#),
    (.object([JSON.Member("b", .integer(1)), JSON.Member("a", .null)]), #"{"b": 1, "a": null}"#),
  ]

  @Test("is on one line and keeps the order of members", arguments: values)
  func line(value: JSON, line: String) {
    #expect(value.line == line)
  }

  @Test("is read as the same value by the JSON reader and by the YAML reader", arguments: values)
  func readBack(value: JSON, line: String) throws {
    for text in [value.line, value.text] {
      let node = try json(text)
      #expect(node.outline == value.outline)
      #expect(try document(text).outline == value.outline)
    }
  }

  @Test("is indented where values are nested, and has a flat array on one line")
  func indented() {
    let value = JSON.object([
      JSON.Member("short", .array([.integer(1), .integer(2)])),
      JSON.Member("nested", .array([.object([JSON.Member("a", .array([.integer(1)]))])])),
      JSON.Member("empty", .array([])),
    ])
    #expect(
      value.text == """
        {
          "short": [1, 2],
          "nested": [
            {
              "a": [1]
            }
          ],
          "empty": []
        }
        """)
  }
}

extension JSON {
  /// The `Node.outline` of the tree that a reader makes of this JSON.
  fileprivate var outline: String {
    switch self {
    case .null: "null"
    case .boolean(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .string(let value): "\"\(value)\""
    case .array(let elements): "[" + elements.map(\.outline).joined(separator: ", ") + "]"
    case .object(let members):
      "{" + members.map { "\($0.key): \($0.value.outline)" }.joined(separator: ", ") + "}"
    }
  }
}
