import Documents
import Testing

@Suite("An output form")
struct OutputFormTests {
  private struct Lamp: Sendable {
    enum Color: String, CaseIterable, Sendable { case red, green }

    var name: String
    var color: Color?
    var hours: [Int] = []
  }

  private static let lamp = OutputForm<Lamp>.record(
    "Lamp", "A lamp.",
    [
      OutputField("name", \.name, .text, "Its name."),
      OutputField("color", \.color, optional: .choice(), "Its color."),
      OutputField("hours", \.hours, .list(of: .count), "When it is on."),
    ])

  @Test("omits a key without a value, and prints an empty list")
  func absent() {
    #expect(Self.lamp.encode(Lamp(name: "a")).line == #"{"name": "a", "hours": []}"#)
    #expect(
      Self.lamp.encode(Lamp(name: "a", color: .red, hours: [7])).line
        == #"{"name": "a", "color": "red", "hours": [7]}"#)
  }

  @Test("has a JSON Schema with the same keys and types")
  func schema() {
    #expect(
      Self.lamp.schema.document(id: "https://example.org/lamp", title: "Lamp").line == """
        {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "https://example.org/lamp", \
        "title": "Lamp", "type": "object", "description": "A lamp.", "properties": \
        {"name": {"type": "string", "description": "Its name."}, \
        "color": {"enum": ["red", "green"], "description": "Its color."}, \
        "hours": {"type": "array", "items": {"type": "integer", "minimum": 0}, \
        "description": "When it is on."}}, "additionalProperties": false, "required": ["name", "hours"]}
        """)
  }

  @Test("of a document starts with apiVersion, kind and host")
  func document() {
    let form = OutputForm<Lamp>.document(kind: "LampState", "A lamp.", host: \.name, [])
    #expect(
      form.encode(Lamp(name: "a")).line
        == #"{"apiVersion": "pcipass/v1", "kind": "LampState", "host": "a"}"#)
  }

  @Test("that extends another form writes the keys of the other form first")
  func extended() {
    let form = Self.lamp.extended(
      as: "DatedLamp", { (dated: (lamp: Lamp, since: Int?)) in dated.lamp },
      [OutputField("since", { $0.since }, optional: .count, "Since when.")])
    #expect(form.encode((Lamp(name: "a"), 3)).line == #"{"name": "a", "hours": [], "since": 3}"#)
    #expect(form.encode((Lamp(name: "a"), nil)).line == #"{"name": "a", "hours": []}"#)
    let schema = form.schema.document(id: "https://example.org/lamp", title: "Lamp").line
    #expect(
      schema.contains(#""since": {"type": "integer""#) && schema.contains(#""required": ["name", "hours"]"#))
  }
}
