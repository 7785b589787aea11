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

  @Flag(
    help: "Also remove what guests still have that no manifest describes; --prune=N where most are such.")
  var prune = false

  /// A flag takes no value: `--prune=N` is expanded.
  @Option(
    name: .customLong(Self.pruneCountName),
    help: ArgumentHelp(
      "With --prune: how many guests have no manifest any more; --prune=N is both.", valueName: "number"))
  var pruneCount: Int?

  private static let pruneCountName = "prune-count"

  /// The arguments, where `--prune=N` is two.
  static func expanded(_ arguments: [String]) -> [String] {
    var isOption = true
    return arguments.flatMap { word -> [String] in
      if word == "--" { isOption = false }
      guard isOption, word.hasPrefix("--prune=") else { return [word] }
      return ["--prune", "--\(pruneCountName)=\(word.dropFirst("--prune=".count))"]
    }
  }

  mutating func validate() throws {
    guard let pruneCount else { return }
    if !prune { throw ValidationError("--\(Self.pruneCountName) belongs to --prune") }
    if !(0...Int(Int32.max)).contains(pruneCount) {
      throw ValidationError("--prune=N is the number of guests that have no manifest any more")
    }
  }

  @Flag(
    name: .customLong("legacy-new-id"),
    help: "Bind by the drivers' new_id: for kernels before 3.16, which have no driver_override.")
  var legacyNewID = false

  func request(_ host: HostManifest, _ guests: [GuestManifest]) -> Request {
    Request(
      host: host, guests: guests, targets: target, prune: prune, pruneCount: pruneCount,
      legacyNewID: legacyNewID)
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
