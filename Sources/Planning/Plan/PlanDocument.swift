import Documents
import Manifests

/// A plan as a file of its own, with a digest that shows whether the file was changed after it was written.
///
/// The digest covers the text without its own line, the fourth: `sed 4d FILE | sha256sum`. It
/// covers bytes and not the decoded plan, so that it also detects changes that a decoder ignores,
/// and so that each version computes the same digest.
public enum PlanDocument {
  private static let key = "digest"
  /// The index of the digest among the members, after `apiVersion` and `kind`.
  private static let position = 2

  /// The beginning of each plan file, also of a truncated one.
  private static let start = """
    {
      "apiVersion": "\(Plan.version)",
      "kind": "Plan",
    """

  /// Returns the text of a plan file: the plan as JSON, with its digest.
  public static func text(of plan: Plan) -> String {
    guard case .object(var members) = Plan.form.encode(plan) else {
      preconditionFailure("a plan is a record")
    }
    let digest = digest(of: (JSON.object(members).text + "\n").utf8)
    members.insert(JSON.Member(key, .string(digest)), at: position)
    return JSON.object(members).text + "\n"
  }

  /// Returns the root node of a plan file, or `nil` if the text is something else, such as a manifest.
  ///
  /// - Throws: if the text begins as plan files do and is not valid JSON.
  public static func node(of source: Source) throws(Diagnostics) -> Node? {
    guard source.text.first == UInt8(ascii: "{") else { return nil }
    do throws(Diagnostics) {
      let node = try JSONReader.document(of: source)
      guard case .scalar(let kind)? = node["kind"]?.content, kind.text == "Plan" else { return nil }
      return node
    } catch {
      // A truncated plan file must not be read as a manifest: YAML may begin with a brace, too.
      if source.text.starts(with: start.utf8) { throw error }
      return nil
    }
  }

  /// Decodes the plan after checking its digest.
  ///
  /// - Throws: `altered-plan` if the digest is missing, misplaced, or not that of the text; otherwise what
  ///   the decoder finds.
  public static func plan(_ node: Node, from source: Source) throws(Diagnostics) -> Plan {
    guard case .mapping(let members) = node.content else { throw altered(source, "it is not a plan", node) }
    try checkDigest(members, node, source)
    let plan = Node(
      .mapping(members.filter { $0.key != key }), position: node.position, length: Int(node.length))
    return try Plan.form.value(of: plan, from: source)
  }

  private static func checkDigest(
    _ members: [Node.Member], _ node: Node, _ source: Source
  ) throws(Diagnostics) {
    guard let member = members.first(where: { $0.key == key }) else {
      throw altered(source, "it has no digest", node)
    }
    guard case .scalar(let digest) = member.value.content,
      let line = line(of: member.keyPosition, in: source),
      // The digest does not cover its own line, so nothing else may be on it.
      source.text[line].elementsEqual("  \"\(key)\": \"\(digest.text)\",\n".utf8)
    else {
      throw altered(source, "the line of the digest was changed", member.value)
    }
    guard digest.text == self.digest(of: source.text[..<line.lowerBound] + source.text[line.upperBound...])
    else {
      throw altered(source, "the digest does not match the text", member.value)
    }
  }

  /// Returns the bytes of a line, including the line feed.
  private static func line(of position: Position, in source: Source) -> Range<Int>? {
    let starts = source.lineStarts()
    let number = Int(position.line)
    guard number + 1 < starts.count else { return nil }
    return starts[number]..<starts[number + 1]
  }

  private static func digest(of text: some Sequence<UInt8>) -> String {
    "sha256:" + SHA256.hexDigest(of: text)
  }

  private static func altered(_ source: Source, _ reason: String, _ node: Node) -> Diagnostics {
    Diagnostics(
      code: "altered-plan", "the plan file was changed after it was written: \(reason)",
      at: SourceLocation(source: source, position: node.position, length: Int(node.length)),
      help: "change the manifests, then make a new plan: pcipass plan MANIFESTS --out FILE")
  }

  private static let digestForm = Form<String>.text(
    "a digest", pattern: "^sha256:[0-9a-f]{64}$", parse: { $0 }, print: { $0 })

  /// The JSON Schema for plans in files, which have a digest, and for plans in lists, which have
  /// none.
  public static let schema = Plan.form.schema.adding(
    key, digestForm.schema, "In a saved plan: the digest of the text without this line.",
    at: position)
}
