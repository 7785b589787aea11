import ArgumentParser
import Documents
import Glibc
import HostModel
import Hosts
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

  /// Whether what was seen now may be written down for later.
  var mayRemember: Bool {
    guard hasJournals, options.simulate != "-" else { return false }
    return geteuid() == 0 || options.simulate != nil || options.stateDirectory != nil
  }

  /// The host, and what the manifests say of it, where some are given.
  ///
  /// - Parameters:
  ///   - request: what is gone by where none are.
  ///   - isRemembering: whether what was seen of NICs before is looked up.
  func look(
    _ paths: [String], otherwise request: Request? = nil, isRemembering: Bool = true
  ) throws -> Sight {
    let fleet = paths.isEmpty ? Fleet(guests: request?.guests ?? []) : try loadFleet(paths)
    let seen =
      try state.map { path in try orFail { () throws(Diagnostics) in try HostState.read(path) } }
      ?? options.observe(try options.open(for: Managers(of: fleet.guests), isRemembering: isRemembering))
    return Sight(
      state: seen, request: paths.isEmpty ? request : try fleet.request(for: options.host ?? seen.host),
      pending: hasJournals ? options.warnOfPending() : nil)
  }

  /// What is looked at beyond that; a snapshot has nothing of it.
  func survey(_ sight: Sight) -> Survey {
    guard state == nil, options.simulate == nil else { return Survey(unknown: "a snapshot does not tell") }
    return SurveyReader(
      root: options.sysfsRoot ?? "/", stateFolder: options.sysfsRoot == nil ? options.stateFolder : nil,
      libvirt: options.uri(of: Managers(of: sight.request?.guests ?? []))
    ).read(sight.state)
  }
}

/// A host as it is, beside what manifests say of it.
struct Sight {
  let state: HostState
  /// Nil where no manifests were given.
  let request: Request?
  /// An apply that is waiting for its confirmation, which was said.
  let pending: PendingConfirmation?
}
