extension Form {
  /// A list of values of one form.
  ///
  /// - Parameters:
  ///   - least: the smallest valid number of elements.
  ///   - most: the largest valid number of elements.
  @inlinable
  public static func list<Element>(
    of element: Form<Element>, atLeast least: Int = 0, upTo most: Int = .max
  ) -> Form where Value == [Element] {
    var keywords = [JSON.Member("type", .string("array")), JSON.Member("items", element.schema.json)]
    if least > 0 { keywords.append(JSON.Member("minItems", .integer(least))) }
    if most < .max { keywords.append(JSON.Member("maxItems", .integer(most))) }
    return Form(
      schema: Schema(keywords, definitions: element.schema.definitions),
      decode: { node, decoding in
        guard case .sequence(let nodes) = node.content else {
          decoding.recordWrongType("a list", node)
          return nil
        }
        guard (least...most).contains(nodes.count) else {
          let bound = nodes.count < least ? "at least \(least)" : "at most \(most)"
          decoding.recordError(
            "bad-value", "this list has \(nodes.count) elements; it must have \(bound)", at: node)
          return nil
        }
        var values: [Element] = []
        values.reserveCapacity(nodes.count)
        for node in nodes {
          if let value = element.decode(node, &decoding) { values.append(value) }
        }
        return values.count == nodes.count ? values : nil
      },
      encode: { .array($0.map(element.encode)) })
  }

  /// A mapping whose keys the author of the document chooses, such as labels. The encoder sorts the keys.
  public static func dictionary<Element>(
    keys: Form<String>, values: Form<Element>
  ) -> Form where Value == [String: Element] {
    Form(
      schema: Schema(
        [
          JSON.Member("type", .string("object")), JSON.Member("propertyNames", keys.schema.json),
          JSON.Member("additionalProperties", values.schema.json),
        ], definitions: values.schema.definitions),
      decode: { node, decoding in
        guard case .mapping(let members) = node.content else {
          decoding.recordWrongType("a mapping", node)
          return nil
        }
        let before = decoding.diagnostics.count
        var result: [String: Element] = [:]
        for member in members {
          let key = Node(
            .scalar(Scalar(member.key, isPlain: false)), position: member.keyPosition,
            length: member.key.count)
          if let key = keys.decode(key, &decoding) { result[key] = values.decode(member.value, &decoding) }
        }
        return decoding.diagnostics.count == before ? result : nil
      },
      encode: { dictionary in
        .object(dictionary.sorted { $0.key < $1.key }.map { JSON.Member($0.key, values.encode($0.value)) })
      })
  }

  /// A value with a short and a long notation: `vlan: 120` or `vlan: {id: 120, qos: 3}`. A mapping is decoded
  /// as the long one.
  ///
  /// - Parameter isShort: whether the encoder writes a value in the short notation.
  public static func short(_ short: Form, or long: Form, isShort: @escaping @Sendable (Value) -> Bool) -> Form
  {
    Form(
      schema: Schema(
        [JSON.Member("anyOf", .array([short.schema.json, long.schema.json]))],
        definitions: Schema.merged(short.schema.definitions, long.schema.definitions)),
      decode: { node, decoding in
        if case .mapping = node.content { return long.decode(node, &decoding) }
        return short.decode(node, &decoding)
      },
      encode: { isShort($0) ? short.encode($0) : long.encode($0) })
  }

  /// A mapping with exactly one key, which names the case of the value: `{bind: {…}}`.
  ///
  /// - Parameter what: the kind of value with its article, for error messages.
  public static func variants(_ what: String, _ variants: Variant<Value>...) -> Form {
    Self.variants(what, variants)
  }

  /// The same, from an array.
  public static func variants(_ what: String, _ variants: [Variant<Value>]) -> Form {
    let keys = variants.map(\.key)
    let alternatives = variants.map { variant in
      JSON.object([
        JSON.Member("type", .string("object")),
        JSON.Member(
          "properties", .object([JSON.Member(variant.key, variant.schema.described(variant.about))])),
        JSON.Member("required", .array([.string(variant.key)])),
        JSON.Member("additionalProperties", .boolean(false)),
      ])
    }
    return Form(
      schema: Schema(
        [JSON.Member("oneOf", .array(alternatives))],
        definitions: variants.reduce([]) { Schema.merged($0, $1.schema.definitions) }),
      decode: { node, decoding in
        guard case .mapping(let members) = node.content, members.count == 1, let member = members.first
        else {
          decoding.recordWrongType("\(what): a mapping with one key of " + keys.joined(separator: ", "), node)
          return nil
        }
        guard let variant = variants.first(where: { $0.key == member.key }) else {
          decoding.recordError(
            "unknown-key", "\(quotedExcerpt(member.key)) is not \(what)", at: node,
            help: nearest(to: member.key, among: keys).map { "did you mean \($0)?" })
          return nil
        }
        return variant.read(member.value, &decoding)
      },
      encode: { value in
        for variant in variants {
          if let json = variant.write(value) { return .object([JSON.Member(variant.key, json)]) }
        }
        return .null
      })
  }
}

/// One case of a value that `Form.variants` describes.
public struct Variant<Whole: Sendable>: Sendable {
  let key: String
  let about: String
  let schema: Schema
  let read: @Sendable (Node, inout Decoding) -> Whole?
  let write: @Sendable (Whole) -> JSON?

  /// - Parameters:
  ///   - key: the key that names the case.
  ///   - about: the description in the schema.
  ///   - wrap: makes the whole value of the case's value.
  ///   - unwrap: the case's value; nil where the whole value is another case.
  public init<Part>(
    _ key: String, _ form: Form<Part>, _ about: String = "", wrap: @escaping @Sendable (Part) -> Whole,
    unwrap: @escaping @Sendable (Whole) -> Part?
  ) {
    self.key = key
    self.about = about
    schema = form.schema
    read = { node, decoding in form.decode(node, &decoding).map(wrap) }
    write = { unwrap($0).map(form.encode) }
  }
}
