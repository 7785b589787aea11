import ArgumentParser
import Documents
import HostModel
import Hosts
import Manifests
import Planning

/// The host that a command reads without changing it: this host, or a snapshot.
struct ObservationOptions: ParsableArguments {
  @OptionGroup var options: HostOptions
  @OptionGroup var origin: OriginOptions

  @Option(
    help: ArgumentHelp(
      "Read a snapshot instead of the host. status also accepts a folder: NAME.json for each host.",
      valueName: "path"), completion: .snapshots)
  var state: String?

  mutating func validate() throws {
    try options.check(excluding: state)
  }

  /// Whether the observed host has journals.
  var hasJournals: Bool { state == nil && options.hasJournals }

  /// Whether facts about the observed host may be recorded.
  var canRemember: Bool { state == nil && options.canRemember }

  /// Reads the host and loads its manifests.
  ///
  /// - Parameters:
  ///   - paths: the paths of the manifests.
  ///   - request: replaces the manifests if there are no paths.
  ///   - isRemembering: whether recorded facts about NICs are read.
  func observed(
    _ paths: [String], otherwise request: Request? = nil, isRemembering: Bool = true, on terminal: Terminal
  ) throws(Diagnostics) -> ObservedHost {
    let isWithoutManifests = paths.isEmpty && origin.origin == nil
    let manifests =
      isWithoutManifests
      ? LoadedManifests(Fleet(hosts: request.map { [$0.host] } ?? [], guests: request?.guests ?? []))
      : try origin.manifests(paths)
    let found: HostState
    if let state {
      try options.requireOneHost()
      found = try HostState.read(state)
    } else {
      let host = try options.open(for: Managers(of: manifests.fleet), isRemembering: isRemembering)
      found = try options.observe(host, on: terminal)
    }
    let name = options.host ?? found.host
    let fleet = try manifests.fleet(on: name, terminal)
    return ObservedHost(
      host: HostIndex(found), request: paths.isEmpty ? request : try fleet.request(for: name),
      pending: hasJournals ? options.warnOfPending(on: terminal) : nil)
  }

  /// The facts that `doctor` examines in addition to the observed state. A snapshot does not
  /// contain them.
  func survey(_ observed: ObservedHost) -> Survey {
    guard state == nil, options.simulate == nil else {
      return Survey(unknown: "not recorded in the snapshot")
    }
    return SurveyReader(
      root: options.sysfsRoot ?? "/", stateFolder: options.sysfsRoot == nil ? options.stateFolder : nil,
      libvirt: options.uri(of: observed.request.map { Managers(of: $0) } ?? Managers())
    ).read(observed.state)
  }
}

/// The observed state of a host, with its manifests.
struct ObservedHost {
  let host: HostIndex
  /// Nil where no manifests were given.
  let request: Request?
  /// The apply that is waiting for its confirmation. A warning about it has been printed.
  let pending: PendingConfirmation?

  var state: HostState { host.state }
}
