import Documents
import Files
import Glibc
import SystemPackage

/// The users that may own a monitor: root, the user that runs pcipass, and the user that the
/// manifest names. pcipass runs as root and changes host devices according to the answers of a
/// monitor, so no other user may control the socket.
struct MonitorOwners {
  private let monitor: QEMUMonitor
  private let users: Set<uid_t>

  /// - Throws: `.untrusted` if the host does not have the user that the manifest names.
  init(of monitor: QEMUMonitor) throws(QEMUFailure) {
    self.monitor = monitor
    var users: Set<uid_t> = [0, geteuid()]
    if let name = monitor.user { users.insert(try Self.number(ofUser: name, for: monitor.socket)) }
    self.users = users
  }

  /// Checks the socket, and each folder and link on the path to it.
  ///
  /// - Throws: `.notRunning` if there is no socket; `.untrusted` if another user could replace it.
  func check() throws(QEMUFailure) {
    let parts = monitor.socket.split(separator: "/")
    guard monitor.socket.hasPrefix("/"), let name = parts.last else {
      throw .untrusted("\(monitor.socket) is not an absolute path", help: "correct spec.qemu.qmp")
    }
    let folder = try follow(parts.dropLast().map(String.init))
    try check(socket: "\(folder)/\(name)")
  }

  /// Checks the user of the process that listens.
  ///
  /// - Throws: `.untrusted` if it is another user.
  func check(peer user: uid_t, process: pid_t) throws(QEMUFailure) {
    guard users.contains(user) else {
      throw .untrusted(
        "process \(process), which owns the monitor \(monitor.socket), runs as \(Self.name(of: user))",
        help: help(for: user))
    }
  }

  private func check(socket path: String) throws(QEMUFailure) {
    let status = try status(of: path)
    guard status.type == .socket else {
      let isLink = status.type == .symbolicLink
      throw .untrusted(
        "\(path) is \(isLink ? "a symbolic link" : "not a socket")",
        help: "spec.qemu.qmp must be the path of the socket itself")
    }
    try checkOwner(status, path)
    guard !status.permissions.contains(.otherWrite) else {
      throw .untrusted("any user can connect to \(path)", help: "chmod o-w \(shellWord(path))")
    }
  }

  /// Resolves the links of a path and returns the folder. Each folder and link on the path is
  /// checked, because a user that can change one of them can redirect the path.
  private func follow(_ parts: [String]) throws(QEMUFailure) -> String {
    var folder = ""
    var rest = Array(parts.reversed())
    var links = 0
    try check(folder: "/", try status(of: "/"))
    while let part = rest.popLast() {
      if part == "." { continue }
      if part == ".." {
        folder = String(folder[..<(folder.lastIndex(of: "/") ?? folder.startIndex)])
        continue
      }
      let path = "\(folder)/\(part)"
      let status = try status(of: path)
      guard status.type == .symbolicLink else {
        try check(folder: path, status)
        folder = path
        continue
      }
      try checkOwner(status, path)
      links += 1
      guard links <= 40 else { throw unusable(path, Errno.tooManySymbolicLinkLevels.description) }
      let target = try destination(of: path)
      if target.hasPrefix("/") { folder = "" }
      rest += target.split(separator: "/").map(String.init).reversed()
    }
    return folder
  }

  /// Checks that other users cannot replace entries of a folder. They may have write permission
  /// only if the folder is sticky, as `/tmp` is, or if they are in root's group.
  private func check(folder path: String, _ status: Stat) throws(QEMUFailure) {
    guard status.type == .directory else { throw unusable(path, "it is not a folder") }
    try checkOwner(status, path)
    guard !status.isOpenToOthers else {
      throw .untrusted(
        "other users can replace the socket \(monitor.socket): they can write to \(path)",
        help:
          "chmod \(status.groupMayReplace ? "g" : "")\(status.othersMayReplace ? "o" : "")-w \(shellWord(path)), "
          + "or put the monitor into a folder that belongs to root, for example under /run")
    }
  }

  private func checkOwner(_ status: Stat, _ path: String) throws(QEMUFailure) {
    let owner = status.userID.rawValue
    guard users.contains(owner) else {
      throw .untrusted(
        "\(path) belongs to \(Self.name(of: owner))"
          + (path == monitor.socket ? "" : " and is part of the path \(monitor.socket)"),
        help: help(for: owner))
    }
  }

  /// The help text that shows how a manifest allows a user.
  private func help(for user: uid_t) -> String {
    "to trust that user with host devices, write qemu: {qmp: \(monitor.socket), "
      + "user: \(Self.name(of: user, orNumber: true))}"
  }

  private func status(of path: String) throws(QEMUFailure) -> Stat {
    do throws(Errno) { return try Stat(path, followTargetSymlink: false) } catch {
      throw failure(path, error)
    }
  }

  private func destination(of path: String) throws(QEMUFailure) -> String {
    do throws(Errno) { return try Folder.link(at: path) } catch { throw failure(path, error) }
  }

  private func failure(_ path: String, _ error: Errno) -> QEMUFailure {
    error == .noSuchFileOrDirectory
      ? .notRunning : .notAllowed(path, error) ?? unusable(path, error.description)
  }

  private func unusable(_ path: String, _ reason: String) -> QEMUFailure {
    .untrusted("\(path) does not lead to a monitor: \(reason)", help: "correct spec.qemu.qmp")
  }
}

extension QEMUFailure {
  /// The failure if the user that runs pcipass lacks a permission; nil for another error.
  static func notAllowed(_ path: String, _ error: Errno) -> QEMUFailure? {
    guard error == .permissionDenied || error == .notPermitted else { return nil }
    return .untrusted("\(path): \(error.description)", help: "run pcipass as root")
  }
}

extension MonitorOwners {
  private static func number(ofUser name: String, for socket: String) throws(QEMUFailure) -> uid_t {
    let found = account { entry, buffer, size, result in
      getpwnam_r(name, entry, buffer, size, result)
    }
    if let number = found?.number ?? uid_t(name) { return number }
    throw .untrusted(
      "the user \(name) of the monitor \(socket) does not exist on this host",
      help: "correct spec.qemu.user")
  }

  private static func name(of user: uid_t, orNumber isBare: Bool = false) -> String {
    let found = account { entry, buffer, size, result in
      getpwuid_r(user, entry, buffer, size, result)
    }
    return found?.name ?? (isBare ? String(user) : "user \(user)")
  }

  private typealias PasswordEntry = UnsafeMutablePointer<passwd>

  /// The result of `getpwnam_r` or `getpwuid_r`, with a buffer as large as the entry needs.
  private static func account(
    _ call: (PasswordEntry, UnsafeMutablePointer<CChar>, Int, UnsafeMutablePointer<PasswordEntry?>) -> CInt
  ) -> (name: String, number: uid_t)? {
    var size = 1 << 10
    while size <= 1 << 20 {
      let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: size)
      defer { buffer.deallocate() }
      var entry = passwd()
      var result: PasswordEntry?
      let code = call(&entry, buffer, size, &result)
      if code == 0, let name = result?.pointee.pw_name, let number = result?.pointee.pw_uid {
        return (String(cString: name), number)
      }
      guard code == ERANGE else { return nil }
      size *= 4
    }
    return nil
  }
}
