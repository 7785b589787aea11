import Documents

/// One document of a file: the manifest, or what it would have concerned.
struct ManifestDocument {
  /// Nil where the document cannot be decoded.
  var manifest: Manifest?
  /// What the document concerns if it cannot be decoded.
  var scope = FaultScope.unknown
  var diagnostics: [Diagnostic] = []
}

extension ManifestDocument {
  /// Returns the documents of a text, up to the first one that cannot be read.
  static func all(
    in source: Source, as format: ManifestFormat, of file: ManifestFile, _ limits: Limits
  ) -> [ManifestDocument] {
    var documents: [ManifestDocument] = []
    var isManifest = false
    do throws(Diagnostics) {
      switch format {
      case .yaml:
        try YAMLReader.forEachDocument(of: source, limits: limits) { node in
          documents += all(in: node, of: source)
        }
      case .json:
        let first = file.isFound ? JSONReader.firstTexts(of: source) : [:]
        if NonManifestKind(apiVersion: first["apiVersion"], kind: first["kind"]) != nil { return [] }
        let node = try JSONReader.document(of: source, limits: limits)
        if file.isFound, NonManifestKind(of: node) != nil { return [] }
        documents = all(in: node, of: source)
        isManifest = Manifest.kinds.contains(node.text("kind") ?? "")
      }
    } catch {
      documents.append(ManifestDocument(diagnostics: error.all))
    }
    if file.isFound, format == .json, !isManifest {
      for index in documents.indices { documents[index].explainFolder() }
    }
    return documents
  }

  /// Returns the documents of a list, or the one that the node is.
  private static func all(in node: Node, of source: Source) -> [ManifestDocument] {
    guard isList(node) else { return [ManifestDocument(node, of: source)] }
    var decoding = Decoding(source: source)
    guard let list = ManifestList.form.decode(node, &decoding) else {
      return [ManifestDocument(diagnostics: decoding.diagnostics.inOrder)]
    }
    return list.items.map { item in
      guard isList(item) else { return ManifestDocument(item, of: source) }
      decoding.diagnostics = []
      decoding.recordError(
        "bad-value", "a List cannot contain another List", at: item,
        help: "write the items of both in one list, or in two documents")
      return ManifestDocument(diagnostics: decoding.diagnostics)
    }
  }

  private static func isList(_ node: Node) -> Bool { node.text("kind") == ManifestList.kind }

  private init(_ node: Node, of source: Source) {
    var decoding = Decoding(source: Annotations.origin(of: node).map(source.rendered) ?? source)
    manifest = Manifest.decode(node, &decoding)
    diagnostics = decoding.diagnostics.inOrder
    if manifest == nil { scope = FaultScope(of: node) }
  }

  /// Adds to the errors of a document that may belong to another program why it was read at all.
  private mutating func explainFolder() {
    let reason =
      "pcipass reads each .json file of a folder: name the manifests one by one, or move other files elsewhere"
    for index in diagnostics.indices {
      diagnostics[index].help = diagnostics[index].help.map { $0 + "; " + reason } ?? reason
    }
  }
}

extension [Diagnostic] {
  /// The diagnostics in the order of their positions. Those without a position come last.
  fileprivate var inOrder: [Diagnostic] {
    sorted { one, other in
      guard let one = one.location?.position, let other = other.location?.position else {
        return one.location != nil && other.location == nil
      }
      return one < other
    }
  }
}
