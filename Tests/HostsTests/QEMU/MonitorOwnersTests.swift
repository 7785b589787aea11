import Glibc
import TestSupport
import Testing

@testable import Hosts

@Suite("The permitted owners of a monitor")
final class MonitorOwnersTests {
  private static var isRoot: Bool { geteuid() == 0 }
  /// A user that is neither root nor the one that runs the tests.
  private static let other: uid_t = 4242

  private let tree: SysfsTree
  private let socket: String
  private let listener: CInt

  init() throws {
    tree = try SysfsTree()
    try tree.folder("run/guests")
    socket = tree.root + "/run/guests/qmp"
    listener = try ScriptedMonitor.listen(at: socket)
    chmod(socket, 0o755)
  }

  deinit { close(listener) }

  private func check(_ path: String? = nil, user: String? = nil) -> QEMUFailure? {
    failure { () throws(QEMUFailure) in
      try MonitorOwners(of: QEMUMonitor(socket: path ?? socket, user: user)).check()
    }
  }

  private func expect(_ failed: QEMUFailure?, _ values: String..., help: String) {
    guard case .untrusted(let reason, let way)? = failed else {
      Issue.record("\(String(describing: failed))")
      return
    }
    #expect(reason.names(values) && way.contains(help), "\(reason); \(way)")
  }

  @Test("The user's own socket is accepted in a folder below a sticky one")
  func own() { #expect(check() == nil) }

  @Test("Without its socket or folder a guest does not run") func absent() {
    #expect(check(socket + "2") == .notRunning)
    #expect(check(tree.root + "/gone/qmp") == .notRunning)
  }

  @Test("Without a listener on the socket the guest does not run") func dead() throws {
    shutdown(listener, CInt(SHUT_RDWR))
    let failed = failure { () throws(QEMUFailure) in
      _ = try MonitorSocket(to: QEMUMonitor(socket: socket), until: .now + .seconds(1)).process
    }
    #expect(failed == .notRunning)
  }

  @Test("A file, a folder and a link are refused") func kinds() throws {
    try tree.write("run/guests/file", "")
    try tree.link("run/guests/link", to: "qmp")
    expect(check(tree.root + "/run/guests/file"), help: "")
    expect(check(tree.root + "/run/guests"), help: "")
    expect(check(tree.root + "/run/guests/link"), help: "")
    expect(check(socket + "/qmp"), help: "spec.qemu.qmp")
    expect(check("qmp"), help: "spec.qemu.qmp")
  }

  @Test("A datagram socket is refused") func datagram() throws {
    let path = tree.root + "/run/guests/datagram"
    let descriptor = try ScriptedMonitor.listen(at: path, type: SOCK_DGRAM)
    defer { close(descriptor) }
    chmod(path, 0o755)
    let failed = failure { () throws(QEMUFailure) in
      _ = try MonitorSocket(to: QEMUMonitor(socket: path), until: .now + .seconds(1)).process
    }
    expect(failed, "wrong type", help: "-qmp")
  }

  @Test("A socket that others may write to is refused") func writable() {
    chmod(socket, 0o777)
    expect(check(), socket, help: "chmod o-w \(socket)")
    chmod(socket, 0o770)
    #expect(check() == nil)
  }

  @Test("A folder that others may write to is refused, unless it is sticky") func folders() {
    let folder = tree.root + "/run"
    chmod(folder, 0o757)
    expect(check(), folder, help: "chmod o-w \(folder)")
    chmod(folder, 0o1777)
    #expect(check() == nil)
    chmod(folder, 0o775)
    if Self.isRoot { #expect(check() == nil) }
  }

  @Test("A folder that another group may write to is refused", .enabled(if: isRoot)) func group() {
    let folder = tree.root + "/run/guests"
    chown(folder, 0, 4242)
    chmod(folder, 0o775)
    expect(check(), help: "chmod g-w \(folder)")
    chmod(folder, 0o777)
    expect(check(), help: "chmod go-w \(folder)")
  }

  @Test("Links in the path are followed, and their targets are checked") func links() throws {
    try tree.link("short", to: "run/../run/./guests")
    try tree.link("long", to: tree.root + "/short")
    #expect(check(tree.root + "/long/qmp") == nil)
    chmod(tree.root + "/run", 0o757)
    expect(check(tree.root + "/long/qmp"), "\(tree.root)/run", help: "chmod")
    try tree.link("round", to: "round")
    expect(check(tree.root + "/round/qmp"), help: "spec.qemu.qmp")
  }

  @Test(
    "The socket, folder or link of another user needs that user in the manifest",
    .enabled(if: isRoot))
  func users()
    throws
  {
    try tree.link("link", to: "run")
    for (path, way) in [
      (socket, socket), (tree.root + "/run/guests", socket),
      (tree.root + "/link", tree.root + "/link/guests/qmp"),
    ] {
      lchown(path, Self.other, 0)
      expect(check(way), path, "4242", help: "user: 4242")
      #expect(check(way, user: "4242") == nil)
      expect(check(way, user: "4243"), path, help: "user: 4242")
      lchown(path, 0, 0)
    }
  }

  @Test("A user that does not exist on the host is refused") func unknown() {
    expect(check(user: "no-such-user"), "no-such-user", help: "spec.qemu.user")
    #expect(check(user: "root") == nil)
  }

  @Test("The process that listens must belong to a permitted user", .enabled(if: isRoot))
  func peers() throws {
    let path = tree.root + "/run/guests/theirs"
    let bound = try ScriptedMonitor.listen(at: path)
    defer { close(bound) }
    chmod(path, 0o755)
    let owners = try MonitorOwners(of: QEMUMonitor(socket: path))
    let failed = failure { () throws(QEMUFailure) in try owners.check(peer: Self.other, process: 7) }
    expect(failed, "7", path, "4242", help: "user: 4242")
    try MonitorOwners(of: QEMUMonitor(socket: path, user: "4242")).check(peer: Self.other, process: 7)
  }

  @Test("A path that is too long for a socket is refused") func length() {
    let failed = failure { () throws(QEMUFailure) in
      _ = try MonitorSocket(
        to: QEMUMonitor(socket: "/" + String(repeating: "../", count: 40) + socket.dropFirst()), until: .now
      ).process
    }
    expect(failed, help: "")
  }

  @Test("A folder that the user may not enter is refused", .enabled(if: !isRoot)) func forbidden() {
    chmod(tree.root + "/run", 0o000)
    expect(check(), "Permission denied", help: "as root")
  }
}
