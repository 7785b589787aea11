import Documents
import Manifests
import Planning

extension Fleet {
  /// All that the manifests say of one host.
  func request(for host: String) throws(Diagnostics) -> Request {
    Request(host: try manifest(of: host), guests: guests.filter { $0.host == host })
  }

  func manifest(of host: String) throws(Diagnostics) -> HostManifest {
    if let manifest = hosts.first(where: { $0.name == host }) { return manifest }
    let names = hosts.map(\.name)
    throw Diagnostics(
      code: "no-host", "no Host named \(host) is among these manifests",
      help: nearest(to: host, among: names).map { "did you mean --host \($0)?" }
        ?? (names.isEmpty
          ? "they declare no Host at all" : "they declare: " + names.prefix(12).joined(separator: ", ")))
  }

  /// The guest of this name. Names may repeat on other hosts.
  func guest(_ name: String, of host: String?) throws(Diagnostics) -> GuestManifest {
    let named = guests.filter { $0.name == name && (host ?? $0.host) == $0.host }
    if let guest = named.first, named.count == 1 { return guest }
    if named.isEmpty {
      let near = nearest(to: name, among: guests.map(\.name))
      throw Diagnostics(
        code: "no-guest",
        "no Guest named \(printable(name)) \(host.map { "of \($0) " } ?? "")is among these manifests",
        help: near.map { "did you mean \($0)?" })
    }
    throw Diagnostics(
      code: "ambiguous", "\(named.count) hosts have a guest named \(name)",
      help: "say which by --host: " + named.map(\.host).joined(separator: ", "))
  }
}
