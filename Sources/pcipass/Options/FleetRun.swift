import Documents
import HostModel
import Manifests
import Planning
import Reporting

/// A run over the hosts of a fleet, from a folder of snapshots. A host with an error in its manifests or without
/// a usable snapshot is not planned, and the others are.
struct FleetRun {
  private let manifests: LoadedManifests
  /// The names of the hosts of the run, in the order of their documents.
  private let names: [String]
  private let manifestsByName: [String: HostManifest]
  /// The errors of the manifests, by the hosts that they concern.
  private let faults: [String: [Diagnostic]]
  private var whereabouts = GuestWhereabouts()
  /// Why snapshots cannot be used. A missing one is left out, because the list of hosts says it.
  private var snapshotErrors: [Diagnostic] = []

  /// A host of the run, whether or not it can be planned.
  struct DeclaredHost {
    let name: String
    /// Nil if its Host document cannot be decoded.
    let manifest: HostManifest?
    /// The errors in its manifests.
    let errors: [Diagnostic]
  }

  var hosts: [DeclaredHost] {
    names.map { DeclaredHost(name: $0, manifest: manifestsByName[$0], errors: faults[$0] ?? []) }
  }

  var guests: GuestsByHost { manifests.fleet.guestsByHost }

  /// What the run has for one planned host.
  struct PlannedHost: Sendable {
    let index: HostIndex
    let manifest: HostManifest
    let guests: [GuestManifest]
  }

  /// - Parameter wanted: the names of the hosts that the run covers; empty for all.
  /// - Throws: `no-host` where the manifests have no Host of a name, or no Host at all.
  init(_ manifests: LoadedManifests, of wanted: [String]) throws(Diagnostics) {
    self.manifests = manifests
    var faults: [String: [Diagnostic]] = [:]
    for error in manifests.diagnostics where error.severity == .error {
      for host in Set(error.hosts ?? []) { faults[host, default: []].append(error) }
    }
    self.faults = faults
    manifestsByName = Dictionary(manifests.fleet.hosts.map { ($0.name, $0) }) { first, _ in first }
    for name in wanted where !manifests.undecodedHosts.contains(name) {
      _ = try manifests.fleet.manifest(of: name)
    }
    var seen: Set<String> = []
    // Last come the hosts that guests name and that have no Host document.
    let all = manifests.fleet.hosts.map(\.name) + manifests.undecodedHosts + faults.keys.sorted()
    names = all.filter { seen.insert($0).inserted && (wanted.isEmpty || wanted.contains($0)) }
    guard !names.isEmpty else {
      throw Diagnostics(code: "no-host", "the manifests have no Host document")
    }
  }

  /// The problems of the manifests, as they concern the hosts of the run.
  var diagnostics: [Diagnostic] { manifests.diagnostics.on(Set(names)) }

  /// Calls `plan` with each host that can be planned, in parallel, then `add` with the results in the order of
  /// the hosts. The others are passed to `leave`.
  mutating func forEachHost<Made: Sendable>(
    of snapshots: SnapshotFolder, plan: @escaping @Sendable (PlannedHost) -> Made, add: (Made) -> Void,
    leave: (FleetHost) -> Void
  ) {
    let guests = manifests.fleet.guestsByHost
    snapshots.forEach(
      of: names, where: { [faults] in faults[$0] == nil },
      make: { [manifestsByName] state -> (Made, GuestWhereabouts)? in
        guard let manifest = manifestsByName[state.host] else { return nil }
        let host = PlannedHost(index: HostIndex(state), manifest: manifest, guests: guests[manifest])
        var whereabouts = GuestWhereabouts()
        whereabouts.add(host.guests, on: host.index, named: manifest.name)
        return (plan(host), whereabouts)
      }
    ) { name, made in
      switch made {
      case nil: leave(FleetHost(unplanned: name, errors: faults[name] ?? []))
      case .failure(let error):
        snapshotErrors += error.all.filter { $0.code != "no-snapshot" }
        leave(FleetHost(unplanned: name, Self.reason(error), error.all))
      case .success(nil): break
      case .success((let made, let found)?):
        whereabouts.add(found)
        add(made)
      }
    }
  }

  /// Adds where hosts have guests that may be on several.
  mutating func add(_ whereabouts: GuestWhereabouts) { self.whereabouts.add(whereabouts) }

  /// The guests that no host of the run has. Called after all hosts are planned; a run of one host cannot tell.
  func missingGuests(_ targets: [Target]) -> [Diagnostic] {
    guard names.count > 1 else { return [] }
    var hostsByClass: [String: [String]] = [:]
    for host in manifests.fleet.hosts {
      if let name = host.spec.hostClass?.value { hostsByClass[name, default: []].append(host.name) }
    }
    // A Host that cannot be decoded may be of any class.
    for name in hostsByClass.keys { hostsByClass[name]? += manifests.undecodedHosts }
    let guests = manifests.fleet.guests.filter {
      $0.hosts.single == nil && (targets.isEmpty || targets.contains(.guest($0.name)))
    }
    return whereabouts.diagnostics(of: guests, hostsByClass: hostsByClass)
  }

  /// The errors of snapshots, and the error because of which the command fails; empty where all hosts were
  /// planned.
  func errors(_ unplanned: [String]) -> [Diagnostic] {
    guard !unplanned.isEmpty else { return [] }
    let count = names.count
    return snapshotErrors + [
      Diagnostic(
        code: "not-planned",
        "\(unplanned.count) of \(pluralised(count, "host")) \(unplanned.count == 1 ? "is" : "are") not planned: "
          + listed(unplanned))
    ]
  }

  private static func reason(_ error: Diagnostics) -> String {
    guard let first = error.all.first else { return error.message }
    if first.code == "no-snapshot" { return "no snapshot" }
    return first.placed
  }
}
