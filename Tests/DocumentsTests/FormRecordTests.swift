import Documents
import TestSupport
import Testing

/// A record with one key of each type, for the tests of records.
struct Port: Equatable, Sendable {
  enum Speed: String, CaseIterable, Sendable { case slow, fast }

  var name: String
  var number: Int
  var speed: Speed?
  var up: Bool
  var notes: [String]
  var labels: [String: Int]
  var parts = Parts()

  struct Parts: Equatable, Sendable {
    var some: [Int]?
  }

  static let form = Form<Port>.record(
    "Port", "A port.",
    Field(
      "name", \.name,
      .text(
        "a word", pattern: "^[a-z]{1,8}$",
        parse: {
          (1...8).contains($0.utf8.count) && $0.utf8.allSatisfy { (97...122).contains($0) } ? $0 : nil
        },
        print: { $0 }, hint: { $0 == "LAN" ? "in lower case" : nil }), "Its name."),
    Field("number", \.number, .integer(1...48)), Field("speed", \.speed, optional: .choice("a speed")),
    Field("up", \.up, .boolean, default: true, "Whether it is up."),
    Field("notes", \.notes, .list(of: .prose(upTo: 5), upTo: 3), default: []),
    Field("labels", \.labels, .dictionary(keys: .prose(upTo: 3), values: .integer(0...9)), default: [:]),
    rules: [.requires("speed", "notes"), .notBoth("notes", "labels"), .some(["up", "notes", "labels"])],
    make: {
      Port(name: $0, number: $1, speed: $2, up: $3, notes: $4, labels: $5)
    })

  static func decode(_ text: String) throws -> Port {
    let source = Source(name: "t.yaml", text: text)
    return try form.value(of: document(text), from: source)
  }

  /// Returns the errors of a port's text, each as `LINE:COLUMN+LENGTH code: message (help)`.
  static func problems(_ text: String) throws -> [String] {
    do {
      _ = try decode(text)
      return []
    } catch let error as Diagnostics {
      return error.all.map {
        let location = $0.location.map { "\($0.line):\($0.column)+\($0.length)" } ?? "-"
        return "\(location) \($0.code): \($0.message)" + ($0.help.map { " (\($0))" } ?? "")
      }
    }
  }
}

@Suite("A record")
struct FormRecordTests {
  @Test("is decoded with the given values and the defaults of absent keys")
  func decoding() throws {
    #expect(
      try Port.decode("{name: lan, number: 3, speed: fast, up: no, notes: [a, b]}")
        == Port(name: "lan", number: 3, speed: .fast, up: false, notes: ["a", "b"], labels: [:]))
    #expect(
      try Port.decode("{name: lan, number: 0x10, labels: {a: 1}}")
        == Port(name: "lan", number: 16, speed: nil, up: true, notes: [], labels: ["a": 1]))
  }

  @Test("is written in the order of its declaration, without default values")
  func encoding() {
    let port = Port(name: "lan", number: 3, speed: nil, up: true, notes: [], labels: ["b": 2, "a": 1])
    #expect(Port.form.encode(port).line == #"{"name": "lan", "number": 3, "labels": {"a": 1, "b": 2}}"#)
  }

  static let wrong: [(text: String, problems: [String])] = [
    ("{name: lan, number: 3, up: on, sped: fast}", ["1:32+4 unknown-key"]),
    ("{name: lan, number: 3, up: on, colour: red}", ["1:32+6 unknown-key"]),
    ("{name: lan, number: 3, <<: {up: on}, up: on}", ["1:24+2 unknown-key"]),
    ("{number: 3, up: on}", ["1:1+1 missing-key"]),
    ("{name: LAN, number: 3, up: on}", ["1:8+3 bad-value"]),
    ("{name: [lan], number: 3, up: on}", ["1:8+1 wrong-type"]),
    ("{name: , number: 3, up: on}", ["1:8+1 wrong-type"]),
    ("{name: true, number: 3, up: on}", ["1:8+4 wrong-type"]),
    ("{name: lan, number: 49, up: on}", ["1:21+2 bad-value"]),
    ("{name: lan, number: 99999999999999999999, up: on}", ["1:21+20 bad-value"]),
    ("{name: lan, number: '3', up: on}", ["1:21+3 wrong-type"]),
    ("{name: lan, number: three, up: on}", ["1:21+5 wrong-type"]),
    ("{name: lan, number: 1.5, up: on}", ["1:21+3 wrong-type"]),
    ("{name: lan, number: {}, up: on}", ["1:21+1 wrong-type"]),
    ("{name: lan, number: 3, up: 1}", ["1:28+1 wrong-type"]),
    ("{name: lan, number: 3, speed: fats, notes: []}", ["1:31+4 bad-value"]),
    ("{name: lan, number: 3, notes: a}", ["1:31+1 wrong-type"]),
    ("{name: lan, number: 3, notes: [a, b, c, d]}", ["1:31+1 bad-value"]),
    ("{name: lan, number: 3, notes: [toolong]}", ["1:32+7 bad-value"]),
    ("{name: lan, number: 3, labels: [a]}", ["1:32+1 wrong-type"]),
    ("{name: lan, number: 3, labels: {long: 1, a: 10}}", ["1:33+4 bad-value", "1:45+2 bad-value"]),
    ("{name: lan, number: 3}", ["1:1+1 missing-key"]),
    ("{name: lan, number: 3, notes: [], labels: {}}", ["1:43+1 conflict"]),
    ("{name: lan, number: 3, up: on, speed: slow}", ["1:39+4 missing-key"]),
    ("[a]", ["1:1+1 wrong-type"]),
    ("lan", ["1:1+3 wrong-type"]),
  ]

  @Test("reports each error with its position and code", arguments: wrong)
  func problems(text: String, expected: [String]) throws {
    #expect(try Port.problems(text).map { $0.split(separator: ": ")[0] } == expected.map { $0[...] })
  }

  @Test("reports each error with the message and help of the golden file")
  func words() throws {
    let words =
      try Self.wrong.map {
        try ([$0.text] + Port.problems($0.text).map { "  " + $0 }).joined(separator: "\n")
      }
      .joined(separator: "\n") + "\n"
    #expect(try words == golden("record.txt", recording: words))
  }

  @Test("reports all errors at once, in the order of its keys")
  func allAtOnce() throws {
    let text = """
      nmae: lan
      number: 0
      speed: warp
      notes:
        - toolong
        - [x]
      """
    #expect(
      try Port.problems(text).map { String($0.prefix { $0 != ":" || $0 == "+" }) }.count == 6)
    #expect(
      try Port.problems(text).map { $0.split(separator: " ")[1] }
        == ["unknown-key:", "missing-key:", "bad-value:", "bad-value:", "bad-value:", "wrong-type:"])
  }

  @Test("quotes only the beginning of a very long text in an error")
  func longTexts() throws {
    for text in [String(repeating: "X", count: 1 << 20), "X" + String(repeating: "\u{301}", count: 1 << 20)] {
      let problems = try Port.problems("{name: \"\(text)\", number: 3, up: on, sped: \"\(text)\"}")
      #expect(problems.count == 2)
      #expect(problems.allSatisfy { $0.unicodeScalars.count < 200 })
    }
  }

  /// The form of a port with two keys in a table, which must behave as `plain`.
  private static let withTable = Form<Port>.record(
    "Port", "A port.", Field("name", \.name, .prose(upTo: 8), "Its name."),
    Field("number", \.number, .integer(1...48)),
    table: [
      TableField("speed", \.speed, optional: .choice("a speed"), "Its speed."),
      TableField("of", \.some, optional: .list(of: .integer(0...9)), "Its parts.").at(\.parts),
    ],
    rules: [.notBoth("name", "of")],
    make: { Port(name: $0, number: $1, speed: nil, up: true, notes: [], labels: [:]) })
  private static let plain = Form<Port>.record(
    "Port", "A port.", Field("name", \.name, .prose(upTo: 8), "Its name."),
    Field("number", \.number, .integer(1...48)),
    Field("speed", \.speed, optional: .choice("a speed"), "Its speed."),
    Field("of", \.parts.some, optional: .list(of: .integer(0...9)), "Its parts."),
    rules: [.notBoth("name", "of")],
    make: { name, number, speed, some in
      var port = Port(name: name, number: number, speed: speed, up: true, notes: [], labels: [:])
      port.parts.some = some
      return port
    })

  @Test(
    "with table fields behaves as one with plain fields",
    arguments: [
      "{name: lan, number: 3}", "{name: lan, number: 3, speed: fast}", "{of: [1, 2], number: 3, name: a}",
      "{speed: slow, number: 3, name: a}", "{name: lan, number: 99, speed: warp, of: [10, 1], on: 1}",
      "{number: 3, speed: warp, spede: 1}", "{name: a, number: 3, of: }", "{name: a, number: 3, speed: }",
      "[1]", "{}",
    ])
  func table(text: String) throws {
    func result(_ form: Form<Port>) throws -> String {
      let node = try document(text)
      do throws(Diagnostics) {
        let value = try form.value(of: node, from: Source(name: "t.yaml", text: text))
        return "\(value) \(value.parts) \(form.encode(value).line)"
      } catch { return error.all.map { "\($0)" }.joined(separator: "\n") }
    }
    #expect(try result(Self.withTable) == result(Self.plain))
    #expect(
      Self.withTable.schema.document(id: "x", title: "x").line
        == Self.plain.schema.document(id: "x", title: "x").line)
  }

  @Test("with a hundred thousand unknown keys is refused quickly")
  func manyUnknownKeys() throws {
    let text = "{" + (0..<100_000).map { "nunber\($0): 1" }.joined(separator: ", ") + "}"
    let problems = try quickly(within: .seconds(60)) { try Port.problems(text) }
    #expect(problems.count >= 100)
  }
}
