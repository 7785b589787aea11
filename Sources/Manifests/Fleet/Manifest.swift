import Documents

/// One document, decoded by its `kind`.
public enum Manifest: Sendable {
  case hostClass(HostClassManifest)
  case host(HostManifest)
  case guest(GuestManifest)

  /// The kinds that are read.
  static let kinds = ["Host", "Guest", "HostClass", ManifestList.kind]

  /// The help for documents of pcipass that are not manifests.
  private static let helpInPlace = [
    "Plan": "apply a saved plan alone, from its unchanged file: pcipass apply FILE",
    "HostState": "a snapshot replaces the host: pcipass plan MANIFESTS --state FILE",
  ]

  /// Decodes a document by its `kind`. Returns nil after at least one error was added to `decoding`.
  public static func decode(_ node: Node, _ decoding: inout Decoding) -> Manifest? {
    guard case .mapping = node.content else {
      decoding.recordError(
        "wrong-type", "a manifest is a mapping with apiVersion, kind, metadata and spec", at: node)
      return nil
    }
    guard let kind = node["kind"] else {
      decoding.recordError(
        "missing-key", "a manifest requires the key kind", at: node,
        help: "write kind: Host, kind: Guest or kind: HostClass")
      return nil
    }
    guard case .scalar(let scalar) = kind.content else {
      decoding.recordWrongType("Host, Guest or HostClass", kind)
      return nil
    }
    switch scalar.text {
    case "HostClass": return HostClassManifest.form.decode(node, &decoding).map(Manifest.hostClass)
    case "Host": return HostManifest.form.decode(node, &decoding).map(Manifest.host)
    case "Guest": return GuestManifest.form.decode(node, &decoding).map(Manifest.guest)
    default:
      let near = nearest(to: scalar.text, among: kinds).map { "did you mean \($0)? " } ?? ""
      decoding.recordError(
        "bad-value", "unknown kind \(quotedExcerpt(scalar.text))", at: kind,
        help: helpInPlace[scalar.text] ?? near + "pcipass reads Host, Guest, HostClass and List")
      return nil
    }
  }
}
