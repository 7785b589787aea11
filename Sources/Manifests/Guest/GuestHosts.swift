import Documents
import HostModel

/// The hosts that a guest may run on.
public enum GuestHosts: Sendable, Hashable {
  /// The only host (`host`).
  case one(String)
  /// The hosts by name (`hosts: [..]`).
  case several([String])
  /// Each host of the class (`hosts: {class: …}`).
  case ofClass(String)

  /// The only host; nil where the guest may run on several.
  public var single: String? { if case .one(let name) = self { name } else { nil } }

  /// Whether the host is one of them.
  public func contains(_ host: HostManifest) -> Bool {
    switch self {
    case .one(let name): name == host.name
    case .several(let names): names.contains(host.name)
    case .ofClass(let name): host.spec.hostClass?.value == name
    }
  }
}

extension GuestHosts: CustomStringConvertible {
  public var description: String {
    switch self {
    case .one(let name): name
    case .several(let names): names.joined(separator: ", ")
    case .ofClass(let name): "each host of the class \(name)"
    }
  }
}

extension Form<GuestHosts> {
  /// The value of the key `hosts`.
  static let several = Form.short(
    Form<[String]>.list(of: .hostName, atLeast: 1, upTo: 1024).map(
      { .several($0) }, { if case .several(let names) = $0 { names } else { [] } }),
    or: .record(
      "HostsOfClass", "Each host of a class.",
      Field(
        "class", { if case .ofClass(let name) = $0 { name } else { "" } }, .hostName, "The name of the class."
      ),
      make: GuestHosts.ofClass),
    isShort: { if case .several = $0 { true } else { false } })
}
