import Documents
import Glibc
import SystemPackage

/// Whom a monitor may belong to. pcipass runs as root and does what it is told there of host devices: so nobody
/// but root, who runs pcipass, and the user that the manifest names may have a say in what is at the socket.
struct MonitorOwners {
  private let monitor: QEMUMonitor
  private let users: Set<uid_t>

  init(of monitor: QEMUMonitor) throws(QEMUFailure) {
    self.monitor = monitor
    var users: Set<uid_t> = [0, geteuid()]
    if let name = monitor.user { users.insert(try Self.number(ofUser: name, for: monitor.socket)) }
    self.users = users
  }

  /// Looks at the socket and at each folder and link on the way to it.
  func check() throws(QEMUFailure) {
    let parts = monitor.socket.split(separator: "/")
    guard monitor.socket.hasPrefix("/"), let name = parts.last else {
      throw .untrusted("\(monitor.socket) is no absolute path", help: "correct spec.qemu.qmp")
    }
    let folder = try follow(parts.dropLast().map(String.init))
    try check(socket: "\(folder)/\(name)")
  }

  /// Whether the process that listens is one of theirs.
  func check(peer user: uid_t, process: pid_t) throws(QEMUFailure) {
    guard users.contains(user) else {
      throw .untrusted(
        "process \(process), which has the monitor \(monitor.socket), belongs to \(Self.name(of: user))",
        help: wayOut(for: user))
    }
  }

  private func check(socket path: String) throws(QEMUFailure) {
    let status = try look(at: path)
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      let isLink = status.st_mode & S_IFMT == S_IFLNK
      throw .untrusted(
        "\(path) is \(isLink ? "a link" : "no socket")", help: "spec.qemu.qmp must name the socket itself")
    }
    try checkOwner(status, path)
    guard status.st_mode & S_IWOTH == 0 else {
      throw .untrusted("anybody may connect to \(path)", help: "chmod o-w \(shellWord(path))")
    }
  }

  /// The folder without links that these lead to, one after another. Who may change one of them decides where the
  /// path ends.
  private func follow(_ parts: [String]) throws(QEMUFailure) -> String {
    var folder = ""
    var rest = Array(parts.reversed())
    var links = 0
    try check(folder: "/", try look(at: "/"))
    while let part = rest.popLast() {
      if part == "." { continue }
      if part == ".." {
        folder = String(folder[..<(folder.lastIndex(of: "/") ?? folder.startIndex)])
        continue
      }
      let path = "\(folder)/\(part)"
      let status = try look(at: path)
      guard status.st_mode & S_IFMT == S_IFLNK else {
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

  /// Not for others to change what is in it: where they may write, they must not touch each other's (`/tmp`), or
  /// be of root's group.
  private func check(folder path: String, _ status: stat) throws(QEMUFailure) {
    guard status.st_mode & S_IFMT == S_IFDIR else { throw unusable(path, "it is no folder") }
    try checkOwner(status, path)
    guard status.st_mode & S_ISVTX == 0 else { return }
    let group = status.st_mode & S_IWGRP != 0 && status.st_gid != 0
    guard !group, status.st_mode & S_IWOTH == 0 else {
      throw .untrusted(
        "others may put another socket into \(path), on the way to \(monitor.socket)",
        help: "chmod \(group ? "g" : "")\(status.st_mode & S_IWOTH != 0 ? "o" : "")-w \(shellWord(path)), "
          + "or have the monitor in a folder of root's, below /run for example")
    }
  }

  private func checkOwner(_ status: stat, _ path: String) throws(QEMUFailure) {
    guard users.contains(status.st_uid) else {
      throw .untrusted(
        "\(path) belongs to \(Self.name(of: status.st_uid))"
          + (path == monitor.socket ? "" : ", on the way to \(monitor.socket)"),
        help: wayOut(for: status.st_uid))
    }
  }

  private func wayOut(for user: uid_t) -> String {
    "where that user is to be trusted with the host's devices, say so: qemu: {qmp: \(monitor.socket), "
      + "user: \(Self.name(of: user, orNumber: true))}"
  }

  private func look(at path: String) throws(QEMUFailure) -> stat {
    var status = stat()
    guard lstat(path, &status) == 0 else { throw failure(path, Errno(rawValue: errno)) }
    return status
  }

  private func destination(of path: String) throws(QEMUFailure) -> String {
    var target = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let count = readlink(path, &target, target.count - 1)
    guard count >= 0 else { throw failure(path, Errno(rawValue: errno)) }
    return String(decoding: target[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  private func failure(_ path: String, _ error: Errno) -> QEMUFailure {
    error == .noSuchFileOrDirectory
      ? .notRunning : .notAllowed(path, error) ?? unusable(path, error.description)
  }

  private func unusable(_ path: String, _ reason: String) -> QEMUFailure {
    .untrusted("\(path) leads to no monitor: \(reason)", help: "correct spec.qemu.qmp")
  }
}

extension QEMUFailure {
  /// Where it is a matter of who runs pcipass.
  static func notAllowed(_ path: String, _ error: Errno) -> QEMUFailure? {
    guard error == .permissionDenied || error == .notPermitted else { return nil }
    return .untrusted("\(path): \(error.description)", help: "run pcipass as root")
  }
}

extension MonitorOwners {
  private static func number(ofUser name: String, for socket: String) throws(QEMUFailure) -> uid_t {
    let found = lookUp { entry, buffer, size, result in
      getpwnam_r(name, entry, buffer, size, result)
    }
    if let number = found?.number ?? uid_t(name) { return number }
    throw .untrusted(
      "there is no user \(name) here, whom the monitor \(socket) is to belong to",
      help: "correct spec.qemu.user")
  }

  private static func name(of user: uid_t, orNumber isBare: Bool = false) -> String {
    let found = lookUp { entry, buffer, size, result in
      getpwuid_r(user, entry, buffer, size, result)
    }
    return found?.name ?? (isBare ? String(user) : "user \(user)")
  }

  private typealias Entry = UnsafeMutablePointer<passwd>

  /// One of `getpwnam_r` and `getpwuid_r`, with as much space as the entry needs.
  private static func lookUp(
    _ call: (Entry, UnsafeMutablePointer<CChar>, Int, UnsafeMutablePointer<Entry?>) -> CInt
  ) -> (name: String, number: uid_t)? {
    var size = 1 << 10
    while size <= 1 << 20 {
      let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: size)
      defer { buffer.deallocate() }
      var entry = passwd()
      var result: Entry?
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
