/// Values of a document that pcipass reads past.
extension Form<Void> {
  /// Null only, which programs write for a key without a value.
  public static let null = Form(
    schema: Schema([JSON.Member("type", .string("null")), JSON.Member("title", .string("null"))]),
    decode: { node, decoding in
      if case .scalar(let scalar) = node.content, scalar.kind == .null { return () }
      decoding.recordWrongType("null", node)
      return nil
    },
    encode: { .null })

  /// Any value.
  public static let ignored = Form(
    schema: Schema([JSON.Member("title", .string("any value"))]), decode: { _, _ in () }, encode: { .null })
}

extension Form<Node> {
  /// Any value as it was written, to be decoded later.
  public static let node = Form(
    schema: Schema([JSON.Member("title", .string("any value"))]), decode: { node, _ in node },
    encode: \.json)
}

extension Node {
  /// The value as JSON. A number with a fraction becomes text, because `JSON` has whole numbers only.
  var json: JSON {
    switch content {
    case .sequence(let elements): .array(elements.map(\.json))
    case .mapping(let members): .object(members.map { JSON.Member($0.key, $0.value.json) })
    case .scalar(let scalar):
      switch scalar.kind {
      case .null: .null
      case .boolean: .boolean(scalar.text.lowercased() == "true")
      case .integer, .float: scalar.integer.map { .integer($0) } ?? .string(scalar.text)
      case .string: .string(scalar.text)
      }
    }
  }
}
