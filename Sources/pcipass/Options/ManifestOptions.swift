import ArgumentParser
import Documents
import Manifests
import Planning

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

  /// A flag takes no value: `expanded` makes two arguments of `--prune=N`.
  @Option(
    name: .customLong(Self.pruneCountName),
    help: ArgumentHelp(
      "With --prune: how many guests have no manifest any more; --prune=N is both.", valueName: "number"))
  var pruneCount: Int?

  private static let pruneCountName = "prune-count"

  /// The arguments, with two in the place of `--prune=N`.
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
  func request(_ fleet: Fleet, for host: String) throws(Diagnostics) -> Request {
    request(try fleet.manifest(of: host), fleet.guests.filter { $0.host == host })
  }
}
