import Documents
import Files
import HostModel
import Hosts
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

  /// The only snapshot, where the path is a file.
  func only() throws(Diagnostics) -> HostState { try HostState.read(path) }

  /// The snapshot of one host; where the path is a file, the only snapshot.
  ///
  /// - Throws: `no-snapshot` where the folder has none of this host, `wrong-host` where it is of another host,
  ///   and the errors of reading it.
  func state(of host: String) throws(Diagnostics) -> HostState {
    guard isFolder else { return try only() }
    let file = "\(path)/\(host).json"
    do throws(Errno) { _ = try Stat(file, followTargetSymlink: true) } catch {
      guard error == .noSuchFileOrDirectory else { throw .unreadable(FileError(file, error)) }
      throw Diagnostics(
        code: "no-snapshot", "there is no snapshot of \(host): \(file) does not exist",
        help: "take one on that host: pcipass snapshot > \(host).json")
    }
    let state = try HostState.read(file)
    guard state.host == host else {
      throw Diagnostics(code: "wrong-host", "\(file) is a snapshot of \(state.host), not of \(host)")
    }
    return state
  }

  /// Calls `body` with the snapshot of each host, or with the reason why there is none, one after another. The
  /// snapshots are read in parallel in batches, so that a plan of a fleet needs memory for one batch only.
  ///
  /// - Parameter isNeeded: whether the snapshot of a host is read; `body` gets nil for the others.
  func forEach(
    of hosts: [String], where isNeeded: @escaping @Sendable (String) -> Bool,
    _ body: (String, Result<HostState, Diagnostics>?) throws(Diagnostics) -> Void
  ) throws(Diagnostics) {
    for first in stride(from: 0, to: hosts.count, by: Self.atATime) {
      let some = Array(hosts[first...].prefix(Self.atATime))
      let states = inParallel(count: some.count, atLeast: 16) { part in
        some[part].map { host in
          isNeeded(host) ? Result { () throws(Diagnostics) in try state(of: host) } : nil
        }
      }
      for (host, state) in zip(some, states) { try body(host, state) }
    }
  }

  private static let atATime = 256
}
