import Documents
import Files
import HostModel
import Hosts
import SystemPackage

/// A folder with the snapshot `NAME.json` of each host.
struct SnapshotFolder {
  private let path: String

  /// - Returns: nil if the path is not a folder.
  init?(_ path: String) {
    guard path != "-", (try? Stat(path).type) == .directory else { return nil }
    self.path = path
  }

  /// The snapshot of one host; nil if there is none.
  ///
  /// - Throws: `wrong-host` if it is of another host, and the errors of reading it.
  func state(of host: String) throws(Diagnostics) -> HostState? {
    let file = "\(path)/\(host).json"
    do throws(Errno) { _ = try Stat(file) } catch {
      if error == .noSuchFileOrDirectory { return nil }
      throw .unreadable(FileError(file, error))
    }
    let state = try HostState.read(file)
    guard state.host == host else {
      throw Diagnostics(code: "wrong-host", "\(file) is a snapshot of \(state.host), not of \(host)")
    }
    return state
  }

  /// The snapshot of one host.
  ///
  /// - Throws: `no-snapshot` if there is none, `wrong-host` if it is of another host, and the errors of
  ///   reading it.
  func requiredState(of host: String) throws(Diagnostics) -> HostState {
    if let state = try state(of: host) { return state }
    throw Diagnostics(
      code: "no-snapshot", "there is no snapshot of \(host): \(path)/\(host).json does not exist",
      help: "take one on that host: pcipass snapshot > \(host).json")
  }

  /// Calls `body` with what `make` makes of the snapshot of each host, or with the reason why there is none, one
  /// after another. The snapshots are read and processed in parallel in batches, so that a plan of a fleet needs
  /// memory for one batch only.
  ///
  /// - Parameter isNeeded: whether the snapshot of a host is read; `body` gets nil for the others.
  func forEach<Made: Sendable>(
    of hosts: [String], where isNeeded: @escaping @Sendable (String) -> Bool,
    make: @escaping @Sendable (HostState) -> Made, _ body: (String, Result<Made, Diagnostics>?) -> Void
  ) {
    for first in stride(from: 0, to: hosts.count, by: Self.atATime) {
      let some = Array(hosts[first...].prefix(Self.atATime))
      let made = inParallel(count: some.count, atLeast: 16) { part in
        some[part].map { host in
          isNeeded(host) ? Result { () throws(Diagnostics) in make(try requiredState(of: host)) } : nil
        }
      }
      for (host, made) in zip(some, made) { body(host, made) }
    }
  }

  private static let atATime = 256
}
