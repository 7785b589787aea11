import Documents
import HostModel

/// The annotations of a document. They are not part of the decoded manifest: `pcipass/origin` becomes part of
/// each location in the document, and the others belong to other programs.
enum Annotations {
  /// The source that a program rendered the document from: `FILE:LINE`.
  static let origin = "pcipass/origin"

  /// The prefix of the annotations of pcipass. Any other name with this prefix is a mistake.
  static let prefix = "pcipass/"

  /// The origin that a document names; nil where it names none, or an invalid one.
  static func origin(of document: Node) -> RenderedOrigin? {
    guard case .scalar(let scalar)? = document["metadata"]?["annotations"]?[origin]?.content else {
      return nil
    }
    return RenderedOrigin(scalar.text)
  }
}

extension Form<Void> {
  /// A mapping of texts, of which only `pcipass/origin` has a meaning.
  static let annotations = Form(
    schema: Schema([
      JSON.Member("type", .string("object")),
      JSON.Member(
        "properties",
        .object([
          JSON.Member(
            Annotations.origin,
            RenderedOrigin.form.schema.described(
              "Where the document was rendered from: FILE:LINE. Messages and plans show it; it is never opened."
            ))
        ])),
      JSON.Member("propertyNames", .object([JSON.Member("anyOf", .array([ownKey, foreignKey]))])),
      JSON.Member("additionalProperties", .object([JSON.Member("type", .string("string"))])),
    ]),
    decode: { node, decoding in
      guard case .mapping(let members) = node.content else {
        decoding.recordWrongType("a mapping", node)
        return nil
      }
      let before = decoding.diagnostics.count
      for member in members { check(member, &decoding) }
      return decoding.diagnostics.count == before ? () : nil
    },
    encode: { .object([]) })

  private static let ownKey = JSON.object([JSON.Member("const", .string(Annotations.origin))])
  private static let foreignKey = JSON.object([
    JSON.Member("pattern", .string("^[A-Za-z0-9][A-Za-z0-9._/-]{0,316}$")),
    JSON.Member("not", .object([JSON.Member("pattern", .string("^" + Annotations.prefix))])),
  ])

  private static func check(_ member: Node.Member, _ decoding: inout Decoding) {
    if member.key == Annotations.origin {
      _ = RenderedOrigin.form.decode(member.value, &decoding)
      return
    }
    let key = Node(
      .scalar(Scalar(member.key, isPlain: false)), position: member.keyPosition,
      length: member.key.unicodeScalars.count)
    if member.key.hasPrefix(Annotations.prefix) {
      decoding.recordError(
        "unknown-key", "pcipass has no annotation \(quotedExcerpt(member.key))", at: key,
        help: "did you mean \(Annotations.origin)?")
    } else if !isName(member.key, "._/-", upTo: 317) {
      decoding.recordError(
        "bad-value", "\(quotedExcerpt(member.key)) is not an annotation key", at: key,
        help: "use letters, digits, '.', '_', '/' and '-', at most 317")
    }
    _ = anyText.decode(member.value, &decoding)
  }

  private static let anyText = Form<String>.text("a text", parse: { $0 }, print: { $0 })
}
