import Documents
import Manifests
import Planning

extension LoadedManifests {
  /// The manifests for a run on one host. Warnings about them are printed.
  ///
  /// - Throws: all diagnostics, if an error concerns the host.
  func fleet(on host: String, _ terminal: Terminal) throws(Diagnostics) -> Fleet {
    let (fleet, warnings) = try checked(on: host)
    terminal.warn(warnings)
    return fleet
  }
}

extension Fleet {
  /// The documents of the manifests for one host.
  func request(for host: String) throws(Diagnostics) -> Request {
    let host = try manifest(of: host)
    return Request(host: host, guests: guests(of: host))
  }

  func manifest(of host: String) throws(Diagnostics) -> HostManifest {
    if let manifest = hosts.first(where: { $0.name == host }) { return manifest }
    throw Diagnostics(
      code: "no-host", "the manifests have no Host document for \(host)", help: help(inPlaceOf: host))
  }

  /// The help for an unknown host. A hostname with a domain does not select the Host document
  /// without the domain, because hosts of two domains may share the first part of their names.
  private func help(inPlaceOf host: String) -> String {
    let names = hosts.map(\.name)
    func label(_ name: String) -> Substring { name.prefix { $0 != "." } }
    let alike = names.filter { label($0) == label(host) }
    if alike.count == 1, let name = alike.first { return "did you mean --host \(name)?" }
    // A similar name may be that of another machine.
    if let near = nearest(to: host, among: names) {
      return "only if this host is \(near) in the manifests, use: --host \(near)"
    }
    let some = names.prefix(12).joined(separator: ", ") + (names.count > 12 ? ", …" : "")
    return names.isEmpty ? "add one, with metadata.name: \(host)" : "choose one with --host: \(some)"
  }

  /// The guest of this name and its host. Guests on different hosts may have the same name.
  func guest(
    _ name: String, of host: String?
  ) throws(Diagnostics) -> (guest: GuestManifest, host: HostManifest) {
    let wanted = host
    let found = guests.filter { $0.name == name }.flatMap { guest in
      hosts.filter { guest.hosts.contains($0) && wanted ?? $0.name == $0.name }.map { (guest, $0) }
    }
    if let only = found.first, found.count == 1 { return only }
    if found.isEmpty {
      let near = nearest(to: name, among: guests.map(\.name))
      throw Diagnostics(
        code: "no-guest",
        "the manifests have no Guest document for \(printable(name))\(host.map { " on \($0)" } ?? "")",
        help: near.map { "did you mean \($0)?" })
    }
    throw Diagnostics(
      code: "ambiguous", "\(found.count) hosts have a guest named \(name)",
      help: "choose one with --host: " + found.prefix(12).map(\.1.name).joined(separator: ", ")
        + (found.count > 12 ? ", …" : ""))
  }
}
