import Files
import Glibc
import SystemPackage

/// Which processes listen at a UNIX socket, in whichever namespaces: /proc/PID/net/unix has the sockets of a network namespace
/// with the paths that they were bound to. No path is followed.
enum SocketListeners {
  struct Listener: Equatable {
    let process: Int
    let command: String
    /// Whether it sees the same files as this process.
    let isInThisMountNamespace: Bool
  }

  /// Those that may be looked at: without root only own ones.
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

  /// Number, references, protocol, flags, type, state, inode, and the path, which may have spaces.
  private static func inodes(
    of path: String, _ process: Int, _ tree: borrowing Tree, _ scratch: Scratch
  ) -> Set<Int> {
    var inodes: Set<Int> = []
    let end = Array(" \(path)".utf8)
    try? tree.file("proc/\(process)/net/unix").lines(upTo: 64 << 20, scratch) { line in
      guard line.count > end.count, line.suffix(end.count).elementsEqual(end) else { return true }
      let fields = line.fields
      // SO_ACCEPTCON: it listens.
      guard fields.count > 7, fields[3].isEqual(to: "00010000"), let inode = fields[6].decimal else {
        return true
      }
      inodes.insert(inode)
      return true
    }
    return inodes
  }
}
