/// One key of a record: its name, its description for the schema, the form of its value, and how to get the
/// value from the record.
public struct Field<Root: Sendable, Value: Sendable>: Sendable {
  @usableFromInline let schema: JSON
  @usableFromInline let definitions: [JSON.Member]
  @usableFromInline let reader: FieldReader
  @usableFromInline let write: @Sendable (Root) -> JSON?

  /// A required key.
  ///
  /// - Parameter earlier: the name of the key in earlier versions, which is read as well and not written.
  @inlinable
  public init(
    _ key: String, earlier: String? = nil, _ get: @escaping @Sendable (Root) -> Value, _ form: Form<Value>,
    _ about: String = ""
  ) {
    schema = form.schema.described(about)
    definitions = form.schema.definitions
    reader = FieldReader(key, earlier: earlier, form.decode, absent: nil)
    write = { [encode = form.encode] in encode(get($0)) }
  }

  /// An optional key.
  @inlinable
  public init<Wrapped>(
    _ key: String, _ get: @escaping @Sendable (Root) -> Value, optional form: Form<Wrapped>,
    _ about: String = ""
  ) where Value == Wrapped? {
    schema = form.schema.described(about)
    definitions = form.schema.definitions
    reader = FieldReader(
      key, { [decode = form.decode] node, decoding in decode(node, &decoding).map(Optional.some) },
      absent: { nil })
    write = { [encode = form.encode] in get($0).map(encode) }
  }

  /// An optional key with a default. The encoder omits the key where the value is the default.
  @inlinable
  public init(
    _ key: String, _ get: @escaping @Sendable (Root) -> Value, _ form: Form<Value>, default value: Value,
    _ about: String = ""
  ) {
    let standard = form.encode(value)
    schema = form.schema.described(about, default: standard)
    definitions = form.schema.definitions
    reader = FieldReader(key, form.decode, absent: { value })
    write = { [encode = form.encode] root in
      let json = encode(get(root))
      return json == standard ? nil : json
    }
  }
}

/// An optional key whose value type is erased, so that an array can hold the fields of a record. The decoded
/// value is stored into an existing record by a key path.
public struct TableField<Root: Sendable>: Sendable {
  let schema: JSON
  let definitions: [JSON.Member]
  let reader: FieldReader
  let write: @Sendable (Root) -> JSON?
  /// Decodes the node into the record, or records an error.
  fileprivate let put: @Sendable (Node, inout Root, inout Decoding) -> Void

  /// - Parameters:
  ///   - path: the property of the record, which is nil where the key is absent.
  ///   - about: the description in the schema.
  public init<Wrapped>(
    _ key: String, _ path: any WritableKeyPath<Root, Wrapped?> & Sendable, optional form: Form<Wrapped>,
    _ about: String = ""
  ) {
    let field = Field(key, { (root: Root) in root[keyPath: path] }, optional: form, about)
    (schema, definitions, reader, write) = (field.schema, field.definitions, field.reader, field.write)
    put = { [decode = form.decode] node, root, decoding in
      if let value = decode(node, &decoding) { root[keyPath: path] = value }
    }
  }

  private init<Part>(_ field: TableField<Part>, at path: any WritableKeyPath<Root, Part> & Sendable) {
    (schema, definitions, reader) = (field.schema, field.definitions, field.reader)
    write = { [write = field.write] in write($0[keyPath: path]) }
    put = { [put = field.put] node, root, decoding in put(node, &root[keyPath: path], &decoding) }
  }

  /// The same key in a record that contains this one at the key path.
  public func at<Whole>(_ path: any WritableKeyPath<Whole, Root> & Sendable) -> TableField<Whole> {
    TableField<Whole>(self, at: path)
  }
}

/// A condition on which keys of one record occur together. The decoder and the schema both check it.
public enum Rule: Sendable {
  /// At least one of the keys is present.
  case some([String], help: String? = nil)
  /// At most one of the two keys is present.
  case notBoth(String, String)
  /// Where the first key is present, the second is present too.
  case requires(String, String)
}

extension Form {
  /// A mapping with known keys. An unknown key is an error, so that a mistyped key is never ignored.
  ///
  /// - Parameters:
  ///   - name: the name of the record in error messages and in the schema's `$defs`.
  ///   - about: the description in the schema.
  ///   - field: the fields, in the order in which they are written.
  ///   - table: further fields, which follow the others and are stored into the value that `make` returns.
  ///   - rules: conditions between the keys.
  ///   - make: makes the value of the fields' values.
  public static func record<each Part>(
    _ name: String, _ about: String, _ field: repeat Field<Value, each Part>,
    table: [TableField<Value>] = [], rules: [Rule] = [],
    make: @escaping @Sendable (repeat each Part) -> Value
  ) -> Form {
    var properties: [JSON.Member] = []
    var required: [JSON] = []
    var rules = rules
    var alternatives: [Rule] = []
    var definitions: [JSON.Member] = []
    var readers: [FieldReader] = []
    var writers: [(key: String, write: @Sendable (Value) -> JSON?)] = []
    for field in repeat each field {
      properties.append(JSON.Member(field.reader.key, field.schema))
      if let earlier = field.reader.earlierKey {
        properties.append(JSON.Member(earlier, field.schema))
        rules.append(.notBoth(field.reader.key, earlier))
        alternatives.append(.some([field.reader.key, earlier]))
      } else if field.reader.isRequired {
        required.append(.string(field.reader.key))
      }
      definitions = Schema.merged(definitions, field.definitions)
      readers.append(field.reader)
      writers.append((field.reader.key, field.write))
    }
    for field in table {
      properties.append(JSON.Member(field.reader.key, field.schema))
      definitions = Schema.merged(definitions, field.definitions)
      readers.append(field.reader)
      writers.append((field.reader.key, field.write))
    }
    var keywords = [
      JSON.Member("type", .string("object")), JSON.Member("description", .string(about)),
      JSON.Member("properties", .object(properties)), JSON.Member("additionalProperties", .boolean(false)),
    ]
    if !required.isEmpty { keywords.append(JSON.Member("required", .array(required))) }
    keywords += (rules + alternatives).schema
    let keys = properties.map(\.key)
    return Form(
      schema: Schema(keywords, definitions: definitions).named(name),
      decode: { [readers, rules] node, decoding in
        guard case .mapping(let members) = node.content else {
          decoding.recordWrongType("a mapping with the keys of a \(name)", node)
          return nil
        }
        let before = decoding.diagnostics.count
        checkKeys(members, known: keys, of: name, &decoding)
        for rule in rules { rule.check(node, &decoding) }
        var reading = RecordDecoder(name, node, members, readers)
        do {
          var value = try make(repeat reading.next((each Part).self, &decoding))
          for field in table {
            if let node = reading.nextNode(&decoding) { field.put(node, &value, &decoding) }
          }
          return decoding.diagnostics.count == before ? value : nil
        } catch {
          reading.checkRest(&decoding)
          return nil
        }
      },
      encode: { [writers] value in
        .object(writers.compactMap { field in field.write(value).map { JSON.Member(field.key, $0) } })
      })
  }
}

private func checkKeys(
  _ members: [Node.Member], known: [String], of name: String, _ decoding: inout Decoding
) {
  for member in members where !known.contains(member.key) {
    let help =
      if member.key == "<<" {
        "YAML 1.2 has no merge keys; use an alias of the whole mapping"
      } else if decoding.diagnostics.count < 100, let near = nearest(to: member.key, among: known) {
        // No suggestion is computed after 100 errors: a hostile document could have a million of
        // them.
        "did you mean \(near)?"
      } else {
        "known keys: " + known.joined(separator: ", ")
      }
    let location = SourceLocation(
      source: decoding.source, position: member.keyPosition, length: member.key.unicodeScalars.count)
    decoding.diagnostics.append(
      Diagnostic(
        code: "unknown-key", "a \(name) has no key \(quotedExcerpt(member.key))", at: location, help: help))
  }
}

extension Rule {
  fileprivate func check(_ node: Node, _ decoding: inout Decoding) {
    switch self {
    case .some(let keys, let help):
      if !keys.contains(where: { node[$0] != nil }) {
        decoding.recordError(
          "missing-key",
          keys.count == 1
            ? "the key \(keys[0]) is required"
            : "at least one of these keys is required: " + keys.joined(separator: ", "), at: node, help: help)
      }
    case .notBoth(let one, let other):
      if node[one] != nil, let second = node[other] {
        decoding.recordError("conflict", "\(one) and \(other) cannot be used together", at: second)
      }
    case .requires(let one, let other):
      if let first = node[one], node[other] == nil {
        decoding.recordError("missing-key", "\(one) requires \(other)", at: first)
      }
    }
  }
}

extension [Rule] {
  fileprivate var schema: [JSON.Member] {
    func required(_ keys: String...) -> JSON {
      .object([JSON.Member("required", .array(keys.map(JSON.string)))])
    }
    guard !isEmpty else { return [] }
    let all = map { rule -> JSON in
      switch rule {
      case .some(let keys, _): .object([JSON.Member("anyOf", .array(keys.map { required($0) }))])
      case .notBoth(let one, let other): .object([JSON.Member("not", required(one, other))])
      case .requires(let one, let other):
        .object([
          JSON.Member("dependentRequired", .object([JSON.Member(one, .array([.string(other)]))]))
        ])
      }
    }
    return [JSON.Member("allOf", .array(all))]
  }
}
