import Documents
import HostModel

extension Metadata {
  /// - Parameter owner: the kind of the document, which names the record in the schema.
  static func form(_ owner: String) -> Form<Metadata> {
    .record(
      "\(owner)Metadata", "The name of the \(owner), and its labels.",
      Field("name", \.name, Form<String>.hostName.located, "The name."),
      Field(
        "labels", \.labels, .dictionary(keys: .labelKey, values: .labelValue), default: [:],
        "Key-value pairs for sorting; pcipass shows them and does not interpret them."),
      Field(
        "annotations", { _ in nil }, optional: Form<Void>.annotations,
        "Texts of other programs, which pcipass does not interpret, and `pcipass/origin`."),
      Field(
        "creationTimestamp", { _ in nil }, optional: Form<Void>.null,
        "Null only: programs that render manifests write it."),
      make: { name, labels, _, _ in Metadata(name: name, labels: labels) })
  }
}

extension Form<String> {
  static let labelKey = Form.text(
    "a label key", pattern: "^[A-Za-z0-9][A-Za-z0-9._/-]{0,252}$",
    parse: { isName($0, "._/-", upTo: 253) ? $0 : nil }, print: { $0 })

  /// One line of text. Numbers and booleans are accepted and kept as they were written.
  static let labelValue = Form(
    schema: Schema([
      JSON.Member("type", .array(["string", "number", "boolean"].map(JSON.string))),
      JSON.Member("pattern", .string("^[^\\x00-\\x1f\\x7f-\\x9f]{0,253}$")),
    ]),
    decode: { node, decoding in
      guard case .scalar(let scalar) = node.content, scalar.kind != .null else {
        decoding.recordWrongType("a label value", node)
        return nil
      }
      guard scalar.text.unicodeScalars.count <= 253, !scalar.text.hasControlCharacters else {
        decoding.recordError(
          "bad-value", "a label value must be one line of at most 253 characters", at: node)
        return nil
      }
      return scalar.text
    },
    encode: JSON.string)
}

extension Field where Value == String {
  /// The `apiVersion` of a manifest.
  static var manifestVersion: Field {
    Field(
      "apiVersion", { _ in Manifests.manifestVersion },
      .constant(Manifests.manifestVersion, "a supported version"), "The version of the manifest format.")
  }

  /// The `kind` of a manifest.
  static func manifestKind(_ kind: String) -> Field {
    Field("kind", { _ in kind }, .constant(kind, "the kind of this document"), "What this document is.")
  }
}
