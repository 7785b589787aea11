import Documents
import Testing

@Suite("A form")
struct FormTests {
  private func value<Value>(_ form: Form<Value>, _ text: String) throws -> Value {
    let source = Source(name: "t.yaml", text: text)
    return try form.value(of: document(text), from: source)
  }

  @Test(
    "of a boolean accepts true and false, and on, off, yes and no, which may be quoted",
    arguments: [
      ("true", true), ("True", true), ("TRUE", true), ("on", true), ("yes", true), ("'on'", true),
      ("false", false),
      ("FALSE", false), ("off", false), ("no", false), ("\"no\"", false), ("'true'", nil), ("ON", nil),
      ("y", nil),
      ("1", nil), ("0", nil), ("~", nil), ("[]", nil),
    ] as [(String, Bool?)])
  func boolean(text: String, expected: Bool?) throws {
    #expect((try? value(.boolean, text)) == expected)
  }

  @Test(
    "of an integer accepts a whole number in decimal, hexadecimal or float notation only",
    arguments: [
      ("0", 0), ("-0", 0), ("-5", -5), ("0x1F", 31), ("12.0", 12), ("1e2", 100), ("1.5", nil), ("'1'", nil),
      ("012", nil),
      ("1_0", nil), ("0o7", nil), ("1e400", nil), ("101", nil), ("-101", nil),
    ] as [(String, Int?)])
  func integer(text: String, expected: Int?) throws {
    #expect((try? value(.integer(-100...100), text)) == expected)
  }

  @Test("of a constant text accepts only that text")
  func constant() throws {
    let form = Form<String>.constant("v1", "a version")
    #expect(try value(form, "v1") == "v1")
    #expect(try value(form, "'v1'") == "v1")
    for text in ["v2", "1", "~", "[v1]"] { #expect(throws: Diagnostics.self) { try value(form, text) } }
  }

  @Test("with a short and a long notation accepts both, and writes the short one where it can")
  func short() throws {
    struct Pair: Sendable, Equatable {
      var one: Int
      var two: Int
    }
    let form = Form<Pair>.short(
      Form<Int>.integer(0...9).map({ Pair(one: $0, two: 0) }, \.one),
      or: .record(
        "Pair", "Two numbers.", Field("one", \.one, .integer(0...9)), Field("two", \.two, .integer(0...9)),
        make: Pair.init),
      isShort: { $0.two == 0 })
    #expect(try value(form, "3") == Pair(one: 3, two: 0))
    #expect(try value(form, "{one: 3, two: 4}") == Pair(one: 3, two: 4))
    #expect(form.encode(Pair(one: 3, two: 0)).line == "3")
    #expect(form.encode(Pair(one: 3, two: 4)).line == #"{"one": 3, "two": 4}"#)
    #expect(throws: Diagnostics.self) { try value(form, "[3]") }
    #expect(throws: Diagnostics.self) { try value(form, "{one: 3}") }
  }

  enum Shape: Sendable, Equatable {
    case circle(Int)
    case text(String)

    static let form = Form<Shape>.variants(
      "a shape",
      Variant(
        "circle", .integer(1...9), wrap: { .circle($0) },
        unwrap: { if case .circle(let it) = $0 { it } else { nil } }),
      Variant(
        "text", .prose(upTo: 9), wrap: { .text($0) },
        unwrap: { if case .text(let it) = $0 { it } else { nil } }))
  }

  @Test("of variants accepts exactly one of them")
  func variants() throws {
    #expect(try value(Shape.form, "{circle: 3}") == .circle(3))
    #expect(try value(Shape.form, "{text: x}") == .text("x"))
    #expect(Shape.form.encode(.text("x")).line == #"{"text": "x"}"#)
    for text in ["{}", "{circle: 3, text: x}", "{square: 3}", "{circle: 10}", "circle", "[]"] {
      #expect(throws: Diagnostics.self) { try value(Shape.form, text) }
    }
  }

  @Test("of a located value keeps its position, which equality ignores")
  func located() throws {
    let located = try value(Form<Int>.integer(0...9).located, "\n  7")
    #expect(located.location?.description == "t.yaml:2:3")
    #expect(located == Located(7))
  }

  @Test("has a JSON Schema with the same types, limits and rules")
  func schema() {
    #expect(
      Port.form.schema.document(id: "https://example.org/port", title: "Port").line == """
        {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "https://example.org/port", \
        "title": "Port", "type": "object", "description": "A port.", "properties": \
        {"name": {"type": "string", "pattern": "^[a-z]{1,8}$", "title": "a word", "description": "Its name."}, \
        "number": {"type": "integer", "minimum": 1, "maximum": 48}, "speed": {"enum": ["slow", "fast"]}, \
        "up": {"anyOf": [{"type": "boolean"}, {"enum": ["on", "off", "yes", "no"]}], \
        "description": "Whether it is up.", "default": true}, "notes": {"type": "array", "items": \
        {"type": "string", "minLength": 1, "maxLength": 5, "title": "text of 1 to 5 characters"}, \
        "maxItems": 3, "default": []}, \
        "labels": {"type": "object", "propertyNames": {"type": "string", "minLength": 1, "maxLength": 3, \
        "title": "text of 1 to 3 characters"}, \
        "additionalProperties": {"type": "integer", "minimum": 0, "maximum": 9}, "default": {}}}, \
        "additionalProperties": false, "required": ["name", "number"], "allOf": \
        [{"dependentRequired": {"speed": ["notes"]}}, {"not": {"required": ["notes", "labels"]}}, \
        {"anyOf": [{"required": ["up"]}, {"required": ["notes"]}, {"required": ["labels"]}]}]}
        """)
  }
}
