import Files
import SystemPackage

/// The SSH sessions through which pcipass was started. Removing the NIC that carries one disconnects the
/// operator.
struct SSHSessions {
  private(set) var all: [SSHSession] = []
  /// Why a session may be missing; nil if nothing suggests one.
  private(set) var problem: String?

  static let none = SSHSessions()

  private init() {}

  /// - Parameters:
  ///   - variable: the value of `SSH_CONNECTION`. sudo removes it, and an old shell of tmux keeps a stale
  ///     one, so it counts only if that connection is established, and the sockets of the SSH daemons are
  ///     read as well.
  ///   - route: the route to the peer of a session; nil if the kernel's routes cannot be read.
  init(
    _ tree: borrowing Tree, variable: String?, route: ((SSHSession) -> PeerRoute)? = nil, _ scratch: Scratch
  ) {
    let ancestry = Ancestry(of: "self", tree, scratch)
    let named = variable.flatMap { SSHSession(variable: $0) }
    // In most runs there is no session, so the TCP tables need not be read.
    guard named != nil || ancestry.processes.contains(where: \.isSSHDaemon) else { return }
    let table = TCPTable(tree, scratch)
    if let named {
      if table.established.contains(where: { $0.connection == named.connection }) {
        all.append(named)
      } else {
        problem = table.problem ?? ancestry.problem
      }
    }
    look(at: ancestry, table, tree, scratch)
    if !all.isEmpty { problem = nil }
    // For `ssh root@localhost` within a session, the session of that ssh process counts too.
    var next = 0
    while next < all.count {
      let connection = all[next].connection
      next += 1
      guard let other = table.established.first(where: { $0.connection == connection.reversed }) else {
        continue
      }
      let clients = SocketHolders.processes(with: other.inode, tree, scratch)
      if clients.isEmpty {
        problem = problem ?? "the process at the other end of \(connection) was not found"
      }
      for client in clients { look(at: Ancestry(of: "\(client)", tree, scratch), table, tree, scratch) }
    }
    guard let route else { return }
    for index in all.indices { all[index].route = route(all[index]) }
  }

  /// Adds the sessions whose SSH daemons are among these processes.
  private mutating func look(
    at ancestry: Ancestry, _ table: TCPTable, _ tree: borrowing Tree, _ scratch: Scratch
  ) {
    for daemons in ancestry.processes.split(whereSeparator: { !$0.isSSHDaemon }) {
      var found: Set<TCPConnection> = []
      var unread: String?
      for daemon in daemons {
        do {
          let sockets = try SocketHolders.sockets(of: daemon.number, tree, scratch)
          let connections = Set(
            table.established.lazy.filter { sockets.contains($0.inode) }.map(\.connection))
          // A daemon may also have forwarded connections. The connection of the session is the one that all
          // its processes share.
          let shared = found.isEmpty ? connections : found.intersection(connections)
          if !shared.isEmpty { found = shared }
          if connections.isEmpty { unread = unread ?? Self.reasonForNoConnection(daemon, tree, scratch) }
        } catch {
          let who = error == .permissionDenied || error == .notPermitted ? "not root: " : ""
          unread = unread ?? who + tree.name(of: "proc/\(daemon.number)/fd") + ": " + error.description
        }
      }
      // The session from the variable has the names of interfaces, so it is kept.
      guard !all.contains(where: { found.contains($0.connection) }) else { continue }
      all += found.map { SSHSession(connection: $0) }.sorted { "\($0.connection)" < "\($1.connection)" }
      if all.isEmpty { problem = problem ?? table.problem ?? unread }
    }
  }

  /// Why a daemon has no connection in the tables. Nil for a session over something other than TCP, such as
  /// vsock, which uses no NIC. The sockets of another network namespace are not in the tables of this one.
  private static func reasonForNoConnection(
    _ daemon: Ancestry.Process, _ tree: borrowing Tree, _ scratch: Scratch
  ) -> String? {
    let path = "proc/\(daemon.number)/ns"
    do {
      let theirs = try tree.folder(path).link("net", scratch).text
      let isHere = try tree.folder("proc/self/ns").link("net", scratch).text == theirs
      return isHere ? nil : "\(daemon.command) (process \(daemon.number)) is in another network namespace"
    } catch { return tree.name(of: path + "/net") + ": " + error.description }
  }
}
