import Files
import Glibc
import SystemPackage

/// The processes that listen on a UNIX socket, in any network namespace. `/proc/PID/net/unix` lists the
/// sockets of a network namespace with the paths that they were bound to. The paths are compared and not
/// followed.
enum SocketListeners {
  /// A process that listens on the socket.
  struct Listener: Equatable {
    let process: Int
    let command: String
    /// Whether it is in the same mount namespace as pcipass, so that the path means the same file.
    let isInThisMountNamespace: Bool
  }

  /// The processes that listen on the socket of this path. Without root only processes of the
  /// current user are found.
  static func at(_ path: String) -> [Listener] {
    let scratch = Scratch(capacity: 64 << 10)
    guard let tree = try? Tree("/"), let processes = try? tree.folder("proc").processes() else { return [] }
    var namespaces: Set<String> = []
    var inodes: Set<Int> = []
    for process in processes {
      guard let namespace = link("proc/\(process)/ns", "net", tree, scratch),
        namespaces.insert(namespace).inserted
      else { continue }
      inodes.formUnion(Self.inodes(of: path, process, tree, scratch))
    }
    let own = link("proc/self/ns", "mnt", tree, scratch)
    var seen: Set<Int> = []
    return inodes.sorted().flatMap { SocketHolders.processes(with: $0, tree, scratch) }
      .filter { seen.insert($0).inserted }.map { process in
        let command = try? tree.folder("proc/\(process)").read("comm", scratch).trimmed.text
        return Listener(
          process: process, command: command ?? "",
          isInThisMountNamespace: link("proc/\(process)/ns", "mnt", tree, scratch) == own)
      }
  }

  private static func link(
    _ folder: String, _ name: String, _ tree: borrowing Tree, _ scratch: Scratch
  ) -> String? {
    try? tree.folder(folder).link(name, scratch).text
  }

  /// The inodes of listening sockets with this path. The fields of a line are number, reference count,
  /// protocol, flags, type, state, inode and path, which may contain spaces (proc_pid_net(5)).
  private static func inodes(
    of path: String, _ process: Int, _ tree: borrowing Tree, _ scratch: Scratch
  ) -> Set<Int> {
    var inodes: Set<Int> = []
    let end = Array(" \(path)".utf8)
    try? tree.file("proc/\(process)/net/unix").lines(upTo: 64 << 20, scratch) { line in
      guard line.count > end.count, line.suffix(end.count).elementsEqual(end) else { return true }
      let fields = line.fields
      // The flag __SO_ACCEPTCON marks a listening socket.
      guard fields.count > 7, fields[3].isEqual(to: "00010000"), let inode = fields[6].decimal else {
        return true
      }
      inodes.insert(inode)
      return true
    }
    return inodes
  }
}
