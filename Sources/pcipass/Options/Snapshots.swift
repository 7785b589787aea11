import Documents
import Files
import HostModel
import Hosts
import Manifests
import SystemPackage

/// A snapshot, or a folder of snapshots: `NAME.json` for each host.
struct Snapshots {
  private let path: String
  let isFolder: Bool

  init(_ path: String) throws(Diagnostics) {
    self.path = path
    do throws(Errno) { isFolder = path == "-" ? false : try Stat(path).type == .directory } catch {
      throw .unreadable(FileError(path, error))
    }
  }

  /// Calls `body` with each host of the fleet and its snapshot, one after another. A host without a
  /// snapshot and a fleet without hosts are errors, because a plan must not be empty only because
  /// nothing was read.
  func forEachHost(
    of fleet: Fleet, named names: [String],
    _ body: (HostState, HostManifest, [GuestManifest]) throws(Diagnostics) -> Void
  ) throws(Diagnostics) {
    let guests = Dictionary(grouping: fleet.guests, by: \.host)
    guard isFolder else {
      let state = try HostState.read(path)
      let wanted = names.first ?? state.host
      let host = try fleet.manifest(of: wanted)
      return try body(state, host, guests[host.name] ?? [])
    }
    for name in names { _ = try fleet.manifest(of: name) }
    let hosts = fleet.hosts.filter { names.isEmpty || names.contains($0.name) }
    guard !hosts.isEmpty else {
      throw Diagnostics(code: "no-host", "the manifests have no Host document")
    }
    // The snapshots are read in parallel in batches, so that a plan of a fleet needs memory for one
    // batch only.
    for first in stride(from: 0, to: hosts.count, by: Self.atATime) {
      let some = Array(hosts[first...].prefix(Self.atATime))
      let states = inParallel(count: some.count, atLeast: 16) { [path] part in
        some[part].map { host in
          Result { () throws(Diagnostics) in try HostState.read("\(path)/\(host.name).json") }
        }
      }
      for (host, state) in zip(some, states) {
        let state = try state.get()
        guard state.host == host.name else {
          throw Diagnostics(
            code: "wrong-host",
            "\(path)/\(host.name).json is a snapshot of \(state.host), not of \(host.name)")
        }
        try body(state, host, guests[host.name] ?? [])
      }
    }
  }

  private static let atATime = 256

  /// The snapshot of one host.
  func state(of host: String, in fleet: Fleet) throws(Diagnostics) -> HostState {
    var found: HostState?
    try forEachHost(of: fleet, named: [host]) { state, _, _ in found = state }
    guard let found else { throw Diagnostics(code: "no-host", "\(path) contains no snapshot of \(host)") }
    return found
  }
}
