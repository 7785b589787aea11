import Documents
import Glibc
import HostModel
import Manifests
import SystemPackage

/// A snapshot, or a folder of them: `NAME.json` for each host.
struct Snapshots {
  private let path: String
  let isFolder: Bool

  init(_ path: String) throws {
    var status = stat()
    guard path == "-" || stat(path, &status) == 0 else {
      throw fail("unreadable", "\(path) cannot be read: \(Errno(rawValue: errno).description)")
    }
    self.path = path
    isFolder = path != "-" && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Each host of the fleet with its snapshot, one after another. A host without one is an error, as is a
  /// fleet without hosts: a plan must never be empty because nothing was looked at.
  func forEachHost(
    of fleet: Fleet, named name: String?, _ body: (HostState, HostManifest, [GuestManifest]) throws -> Void
  ) throws {
    let guests = Dictionary(grouping: fleet.guests, by: \.host)
    guard isFolder else {
      let state = try orFail { () throws(Diagnostics) in try HostState.read(path) }
      let wanted = name ?? state.host
      guard let host = fleet.hosts.first(where: { $0.name == wanted }) else {
        throw fail(
          "no-host", "no Host named \(wanted) is among these manifests",
          help: nearest(to: wanted, among: fleet.hosts.map(\.name)).map { "did you mean --host \($0)?" })
      }
      return try body(state, host, guests[host.name] ?? [])
    }
    let hosts = fleet.hosts.filter { name == nil || $0.name == name }
    guard !hosts.isEmpty else {
      throw fail(
        "no-host",
        name.map { "no Host named \($0) is among these manifests" } ?? "these manifests declare no Host")
    }
    // Many at a time, side by side, and no more: a fleet's plan is to need the memory of these only.
    for first in stride(from: 0, to: hosts.count, by: Self.atATime) {
      let some = Array(hosts[first...].prefix(Self.atATime))
      let states = inParallel(count: some.count, atLeast: 16) { [path] part in
        some[part].map { host in
          Result { () throws(Diagnostics) in try HostState.read("\(path)/\(host.name).json") }
        }
      }
      for (host, state) in zip(some, states) {
        let state = try orFail(state.get)
        guard state.host == host.name else {
          throw fail(
            "wrong-host", "\(path)/\(host.name).json is a snapshot of \(state.host), not of \(host.name)")
        }
        try body(state, host, guests[host.name] ?? [])
      }
    }
  }

  private static let atATime = 256
}
