/// How a value is printed in a document that pcipass writes and never reads. One declaration gives
/// the encoder and the JSON Schema, so that the two cannot disagree. What pcipass also reads has a
/// `Form`.
public struct OutputForm<Value: Sendable>: Sendable {
  public let schema: Schema
  public let encode: @Sendable (Value) -> JSON

  public init(schema: Schema, encode: @escaping @Sendable (Value) -> JSON) {
    self.schema = schema
    self.encode = encode
  }

  /// The form for another Swift type.
  public func map<Other>(_ back: @escaping @Sendable (Other) -> Value) -> OutputForm<Other> {
    OutputForm<Other>(schema: schema) { [encode] in encode(back($0)) }
  }
}

extension Form {
  /// The encoder and the schema of the form, as a part of an output.
  public var output: OutputForm<Value> { OutputForm(schema: schema, encode: encode) }
}

/// One key of a printed record. A key without a value is absent; null is never printed.
public struct OutputField<Root: Sendable>: Sendable {
  let key: String
  let schema: Schema
  let about: String
  let isRequired: Bool
  let write: @Sendable (Root) -> JSON?

  /// A key that is always present.
  public init<Value>(
    _ key: String, _ get: @escaping @Sendable (Root) -> Value, _ form: OutputForm<Value>, _ about: String
  ) {
    (self.key, self.about, schema, isRequired) = (key, about, form.schema, true)
    write = { [encode = form.encode] in encode(get($0)) }
  }

  /// A key that is absent where there is no value.
  public init<Value>(
    _ key: String, _ get: @escaping @Sendable (Root) -> Value?, optional form: OutputForm<Value>,
    _ about: String
  ) {
    (self.key, self.about, schema, isRequired) = (key, about, form.schema, false)
    write = { [encode = form.encode] in get($0).map(encode) }
  }
}

extension OutputForm {
  /// An object.
  ///
  /// - Parameters:
  ///   - name: the name in the schema's `$defs`.
  ///   - about: the description in the schema.
  ///   - fields: the keys, in the order in which they are printed.
  public static func record(_ name: String, _ about: String, _ fields: [OutputField<Value>]) -> OutputForm {
    let properties = fields.map { JSON.Member($0.key, $0.schema.described($0.about)) }
    let required = fields.filter(\.isRequired).map { JSON.string($0.key) }
    var keywords = [
      JSON.Member("type", .string("object")), JSON.Member("description", .string(about)),
      JSON.Member("properties", .object(properties)), JSON.Member("additionalProperties", .boolean(false)),
    ]
    if !required.isEmpty { keywords.append(JSON.Member("required", .array(required))) }
    let definitions = fields.reduce([]) { Schema.merged($0, $1.schema.definitions) }
    return OutputForm(schema: Schema(keywords, definitions: definitions).named(name)) { value in
      .object(fields.compactMap { field in field.write(value).map { JSON.Member(field.key, $0) } })
    }
  }

  /// A complete document: `apiVersion`, `kind` and `host`, then its data.
  ///
  /// - Parameter host: the name of the host that the document is about.
  public static func document(
    kind: String, _ about: String, host: @escaping @Sendable (Value) -> String, _ fields: [OutputField<Value>]
  ) -> OutputForm {
    .record(kind, about, envelope(kind) + [OutputField("host", host, .text, "The host.")] + fields)
  }

  /// A complete document that is not about a single host.
  public static func document(kind: String, _ about: String, _ fields: [OutputField<Value>]) -> OutputForm {
    .record(kind, about, envelope(kind) + fields)
  }

  private static func envelope(_ kind: String) -> [OutputField<Value>] {
    [
      OutputField(
        "apiVersion", { _ in outputVersion }, .constant(outputVersion),
        "The version of this format. Later versions of pcipass may add keys and remove none."),
      OutputField("kind", { _ in kind }, .constant(kind), "What this document is."),
    ]
  }

  /// The form of the value with further optional keys at its end.
  ///
  /// - Parameters:
  ///   - name: the name of the longer object in `$defs`.
  ///   - part: the value of this form within the longer one.
  public func extended<Whole>(
    as name: String, _ part: @escaping @Sendable (Whole) -> Value, _ fields: [OutputField<Whole>]
  ) -> OutputForm<Whole> {
    let definitions = fields.reduce(schema.definitions) { Schema.merged($0, $1.schema.definitions) }
    let properties = fields.map { JSON.Member($0.key, $0.schema.described($0.about)) }
    let required = fields.filter(\.isRequired).map { JSON.string($0.key) }
    let longer = schema.extended(as: name, properties, required: required, definitions: definitions)
    return OutputForm<Whole>(schema: longer) { [encode] whole in
      guard case .object(let members) = encode(part(whole)) else { preconditionFailure("not a record") }
      return .object(
        members + fields.compactMap { field in field.write(whole).map { JSON.Member(field.key, $0) } })
    }
  }

  /// A list of values of one form.
  public static func list<Element>(of element: OutputForm<Element>) -> OutputForm where Value == [Element] {
    OutputForm(
      schema: Schema(
        [JSON.Member("type", .string("array")), JSON.Member("items", element.schema.json)],
        definitions: element.schema.definitions)
    ) { .array($0.map(element.encode)) }
  }

  /// One of a few fixed words: the raw values of the enumeration.
  public static func choice() -> OutputForm where Value: RawRepresentable<String> & CaseIterable {
    let words = Value.allCases.map { JSON.string($0.rawValue) }
    return OutputForm(schema: Schema([JSON.Member("enum", .array(words))])) { .string($0.rawValue) }
  }
}

/// The `apiVersion` of all documents.
public let outputVersion = "pcipass/v1"

extension OutputForm<String> {
  /// Any text.
  public static let text = OutputForm(
    schema: Schema([JSON.Member("type", .string("string"))]), encode: JSON.string)

  static func constant(_ text: String) -> OutputForm {
    OutputForm(schema: Schema([JSON.Member("const", .string(text))]), encode: JSON.string)
  }
}

extension OutputForm<Int> {
  /// A whole number that is not negative.
  public static let count = OutputForm(
    schema: Schema([JSON.Member("type", .string("integer")), JSON.Member("minimum", .integer(0))]),
    encode: JSON.integer)
}

extension OutputForm<Bool> {
  /// `true` or `false`.
  public static let boolean = OutputForm(
    schema: Schema([JSON.Member("type", .string("boolean"))]), encode: JSON.boolean)
}
