import ArgumentParser
import Documents
import Glibc
import HostModel
import Hosts
import Manifests
import Planning

/// The host that a command shows without changing it: this one, or a snapshot.
struct ObservationOptions: ParsableArguments {
  @OptionGroup var options: HostOptions
  @OptionGroup var origin: OriginOptions

  @Option(
    help: ArgumentHelp("Read a snapshot instead of the host.", valueName: "file"), completion: .snapshots)
  var state: String?

  mutating func validate() throws {
    try options.check(excluding: state)
  }

  /// Whether there are journals that belong to what is observed.
  var hasJournals: Bool { state == nil && options.hasJournals }

  /// Whether what is observed may be recorded for later.
  var canRemember: Bool {
    guard hasJournals, options.simulate != "-" else { return false }
    return geteuid() == 0 || options.simulate != nil || options.stateDirectory != nil
  }

  /// Observes the host, and loads what the manifests say of it.
  ///
  /// - Parameters:
  ///   - paths: of manifests.
  ///   - request: takes the place of manifests where no paths are given.
  ///   - isRemembering: whether what was seen of NICs before is looked up.
  func observed(
    _ paths: [String], otherwise request: Request? = nil, isRemembering: Bool = true, on terminal: Terminal
  ) throws(Diagnostics) -> ObservedHost {
    let fleet = paths.isEmpty ? Fleet(guests: request?.guests ?? []) : try origin.fleet(paths)
    let found: HostState
    if let state {
      try options.requireOneHost()
      found = try HostState.read(state)
    } else {
      let host = try options.open(for: Managers(of: fleet.guests), isRemembering: isRemembering)
      found = try options.observe(host, on: terminal)
    }
    return ObservedHost(
      host: HostIndex(found),
      request: paths.isEmpty ? request : try fleet.request(for: options.host ?? found.host),
      pending: hasJournals ? options.warnOfPending(on: terminal) : nil)
  }

  /// What `doctor` examines beyond the observed state. A snapshot does not have it.
  func survey(_ observed: ObservedHost) -> Survey {
    guard state == nil, options.simulate == nil else {
      return Survey(unknown: "not recorded in the snapshot")
    }
    return SurveyReader(
      root: options.sysfsRoot ?? "/", stateFolder: options.sysfsRoot == nil ? options.stateFolder : nil,
      libvirt: options.uri(of: Managers(of: observed.request?.guests ?? []))
    ).read(observed.state)
  }
}

/// A host as it is, beside what manifests say of it.
struct ObservedHost {
  let host: HostIndex
  /// Nil where no manifests were given.
  let request: Request?
  /// An apply that is waiting for its confirmation, of which a warning was printed.
  let pending: PendingConfirmation?

  var state: HostState { host.state }
}
