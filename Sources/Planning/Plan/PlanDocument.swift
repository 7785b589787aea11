import Documents
import Manifests

/// A plan as a document of its own: with a digest, by which it is seen whether it is still what was written.
///
/// The digest is that of the text without its own line, the fourth: `sed 4d FILE | sha256sum`. So every byte counts,
/// also where a decoder would see no difference, and whichever version wrote it.
public enum PlanDocument {
  private static let key = "digest"
  /// Behind `apiVersion` and `kind`.
  private static let position = 2

  /// How each begins, be it whole or not.
  private static let start = """
    {
      "apiVersion": "\(Plan.version)",
      "kind": "Plan",
    """

  public static func text(of plan: Plan) -> String {
    guard case .object(var members) = Plan.form.encode(plan) else {
      preconditionFailure("a plan is a record")
    }
    let digest = digest(of: (JSON.object(members).text + "\n").utf8)
    members.insert(JSON.Member(key, .string(digest)), at: position)
    return JSON.object(members).text + "\n"
  }

  /// The plan's nodes, or nil where the text is something else.
  public static func node(of source: Source) throws(Diagnostics) -> Node? {
    guard source.text.first == UInt8(ascii: "{") else { return nil }
    do throws(Diagnostics) {
      let node = try JSONReader.document(of: source)
      guard case .scalar(let kind)? = node["kind"]?.content, kind.text == "Plan" else { return nil }
      return node
    } catch {
      // One that was cut off is no manifest, and YAML in braces is no plan.
      if source.text.starts(with: start.utf8) { throw error }
      return nil
    }
  }

  /// The plan, if it is what was written.
  public static func plan(_ node: Node, from source: Source) throws(Diagnostics) -> Plan {
    guard case .mapping(let members) = node.content else { throw altered(source, "it is no plan", node) }
    try checkDigest(members, node, source)
    let plan = Node(.mapping(members.filter { $0.key != key }), mark: node.mark, length: Int(node.length))
    return try Plan.form.value(of: plan, from: source)
  }

  private static func checkDigest(
    _ members: [Node.Member], _ node: Node, _ source: Source
  ) throws(Diagnostics) {
    guard let member = members.first(where: { $0.key == key }) else {
      throw altered(source, "it has no digest", node)
    }
    guard case .scalar(let digest) = member.value.content,
      let line = line(of: member.keyMark, in: source),
      // Nothing else may stand on the line that the digest leaves out.
      source.text[line].elementsEqual("  \"\(key)\": \"\(digest.text)\",\n".utf8)
    else {
      throw altered(source, "its digest does not stand as it was written", member.value)
    }
    guard digest.text == self.digest(of: source.text[..<line.lowerBound] + source.text[line.upperBound...])
    else {
      throw altered(source, "its digest is that of another text", member.value)
    }
  }

  /// The bytes of a line, its end among them.
  private static func line(of mark: Mark, in source: Source) -> Range<Int>? {
    let starts = source.lineStarts()
    let number = Int(mark.line)
    guard number + 1 < starts.count else { return nil }
    return starts[number]..<starts[number + 1]
  }

  private static func digest(of text: some Sequence<UInt8>) -> String { "sha256:" + SHA256.text(of: text) }

  private static func altered(_ source: Source, _ reason: String, _ node: Node) -> Diagnostics {
    Diagnostics(
      code: "altered-plan", "this plan is not what was written: \(reason)",
      at: Place(source: source, mark: node.mark, length: Int(node.length)),
      help: "make a new plan; what is to be otherwise belongs into the manifests")
  }

  private static let digestForm = Form<String>.text(
    "a digest", pattern: "^sha256:[0-9a-f]{64}$", parse: { $0 }, print: { $0 })

  /// Of plans in files, and of those in lists, which have no digest of their own.
  public static func schema(id: String, title: String) -> JSON {
    Plan.form.schema.adding(
      key, digestForm.schema, "The digest of the text without this line, where it is a file of its own.",
      at: position
    ).document(id: id, title: title)
  }
}
