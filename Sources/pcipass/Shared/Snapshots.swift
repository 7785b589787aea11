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
      let state = try read(path)
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
    for host in hosts {
      let state = try read("\(path)/\(host.name).json")
      guard state.host == host.name else {
        throw fail(
          "wrong-host", "\(path)/\(host.name).json is a snapshot of \(state.host), not of \(host.name)")
      }
      try body(state, host, guests[host.name] ?? [])
    }
  }

  private func read(_ path: String) throws -> HostState {
    do throws(Diagnostics) {
      return try HostState.read(path)
    } catch {
      throw fail(error.all)
    }
  }
}
