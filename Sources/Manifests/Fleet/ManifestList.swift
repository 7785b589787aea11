import Documents

/// A document with several manifests, as kubectl, kustomize and jsonnet write them.
struct ManifestList {
  /// The versions of lists: that of Kubernetes, and ours.
  enum Version: String, CaseIterable {
    case kubernetes = "v1"
    case pcipass = "pcipass/v1"
  }

  static let kind = "List"

  var version: Version
  var items: [Node]

  /// The metadata of a list is not interpreted, because programs write a `resourceVersion` and others there.
  static let form = Form<ManifestList>.record(
    kind, "Several manifests in one document.",
    Field("apiVersion", \.version, .choice("a supported version"), "The version of the list."),
    .manifestKind(kind),
    Field("metadata", { _ in nil }, optional: Form<Void>.ignored, "Not interpreted."),
    Field("items", \.items, .list(of: .node), "The manifests; none of them is a List."),
    make: { version, _, _, items in ManifestList(version: version, items: items) })
}
