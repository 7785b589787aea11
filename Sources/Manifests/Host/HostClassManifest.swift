import Documents
import HostModel

/// A HostClass document: the entries that many hosts have in common. Only a Host that names the class has
/// them.
public struct HostClassManifest: Sendable, Equatable {
  public var metadata: Metadata
  /// The entries; the class of a class is always nil.
  public var spec: HostManifest.Spec

  public init(metadata: Metadata, spec: HostManifest.Spec) {
    self.metadata = metadata
    self.spec = spec
  }

  public var name: String { metadata.name.value }
}

extension HostManifest.Spec {
  /// The entries of a class together with these. An entry here replaces the one of the same name whole, and
  /// the other entries follow those of the class.
  func inheriting(_ base: HostManifest.Spec) -> HostManifest.Spec {
    var result = self
    result.driver = driver ?? base.driver
    guard !nics.isEmpty || !pools.isEmpty else {
      (result.nics, result.pools) = (base.nics, base.pools)
      return result
    }
    let own = Set(nics.map(\.name.value) + pools.map(\.name.value))
    result.nics = base.nics.filter { !own.contains($0.name.value) } + nics
    result.pools = base.pools.filter { !own.contains($0.name.value) } + pools
    return result
  }
}

extension HostClassManifest {
  /// The form of a HostClass document.
  public static let form = Form<HostClassManifest>.record(
    "HostClass", "What many hosts have in common. A Host has it by `spec.class`.",
    .manifestVersion, .manifestKind("HostClass"),
    Field("metadata", \.metadata, Metadata.form("HostClass"), "The name of the class."),
    Field("spec", \.spec, HostManifest.Spec.formOfClass, "Which NICs may be assigned on each host."),
    make: { _, _, metadata, spec in HostClassManifest(metadata: metadata, spec: spec) })
}
