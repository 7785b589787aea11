import ArgumentParser
import Documents
import HostModel
import Manifests
import Planning

/// The manifests, or everything that is wrong with them.
func loadFleet(_ paths: [String]) throws -> Fleet { try checked(Loader.load(paths)) }

/// The same, of one file that was read.
func loadFleet(_ source: Source) throws -> Fleet { try checked(Loader.load(source)) }

private func checked(_ loader: Loader) throws -> Fleet {
  guard loader.diagnostics.isEmpty else { throw fail(loader.diagnostics) }
  return loader.fleet
}

/// How much of the manifests a run is about.
struct ManifestOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Only this NIC or guest: nic/NAME or guest/NAME. May be given several times.", valueName: "kind/name"),
    completion: .targets, transform: Target.parse)
  var target: [Target] = []

  @Flag(help: "Also take out what guests still have that no manifest describes any more.")
  var prune = false

  @Flag(
    name: .customLong("legacy-new-id"),
    help: "Bind by the drivers' new_id: for kernels before 3.16, which have no driver_override.")
  var legacyNewID = false

  func request(_ host: HostManifest, _ guests: [GuestManifest]) -> Request {
    Request(host: host, guests: guests, targets: target, prune: prune, legacyNewID: legacyNewID)
  }

  /// What the manifests say of the one host that was observed.
  func request(_ fleet: Fleet, for host: String) throws -> Request {
    request(try fleet.manifest(of: host), fleet.guests.filter { $0.host == host })
  }
}

extension Fleet {
  /// All that the manifests say of one host.
  func request(for host: String) throws -> Request {
    Request(host: try manifest(of: host), guests: guests.filter { $0.host == host })
  }

  fileprivate func manifest(of host: String) throws -> HostManifest {
    if let manifest = hosts.first(where: { $0.name == host }) { return manifest }
    let names = hosts.map(\.name)
    throw fail(
      "no-host", "no Host named \(host) is among these manifests",
      help: nearest(to: host, among: names).map { "did you mean --host \($0)?" }
        ?? (names.isEmpty
          ? "they declare no Host at all" : "they declare: " + names.prefix(12).joined(separator: ", ")))
  }
}

extension Target {
  static func parse(_ text: String) throws -> Target {
    guard let target = Target(text) else {
      throw ValidationError("'\(printable(text))' is no target: nic/NAME or guest/NAME")
    }
    return target
  }
}
