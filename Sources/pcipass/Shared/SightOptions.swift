import ArgumentParser
import Documents
import HostModel
import Manifests
import Planning

/// What commands look at that change nothing: this host, or a snapshot of one.
struct SightOptions: ParsableArguments {
  @OptionGroup var options: HostOptions

  @Option(
    help: ArgumentHelp("Look at a snapshot instead of the host.", valueName: "file"), completion: .snapshots)
  var state: String?

  mutating func validate() throws {
    if state != nil, !options.isLive {
      throw ValidationError("--state, --simulate and --sysfs-root exclude each other")
    }
  }

  /// Whether there are journals that belong to what is looked at.
  var hasJournals: Bool { state == nil && options.sysfsRoot == nil }

  /// The host, and what the manifests say of it, where some are given.
  func look(_ paths: [String]) throws -> Sight {
    let fleet = paths.isEmpty ? Fleet() : try loadFleet(paths)
    let seen =
      try state.map { path in try orFail { () throws(Diagnostics) in try HostState.read(path) } }
      ?? options.observe(try options.open(for: fleet.guests))
    let request = paths.isEmpty ? nil : try fleet.request(for: options.host ?? seen.host)
    return Sight(state: seen, request: request)
  }
}

/// A host as it is, beside what manifests say of it.
struct Sight {
  let state: HostState
  /// Nil where no manifests were given.
  let request: Request?
}
