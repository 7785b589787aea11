import Files
import SystemPackage

/// The sockets that processes have open: `socket:[INODE]` in `/proc/PID/fd`.
enum SocketHolders {
  /// The inodes of the sockets of a process. A process may have very many; the first ones include the socket
  /// that it was started for.
  static func sockets(
    of process: Int, _ tree: borrowing Tree, _ scratch: Scratch
  ) throws(Errno) -> Set<Int> {
    var inodes: Set<Int> = []
    try tree.folder("proc").entries(of: "\(process)/fd") { open, name in
      if let inode = inode(name, in: open, scratch) { inodes.insert(inode) }
      return inodes.count < 65536
    }
    return inodes
  }

  /// The ids of the processes that have the socket of this inode open.
  static func processes(with wanted: Int, _ tree: borrowing Tree, _ scratch: Scratch) -> [Int] {
    var found: [Int] = []
    do {
      let proc = try tree.folder("proc")
      for process in try proc.processes() {
        // A process that has ended, or that the user may not inspect, is skipped.
        try? proc.entries(of: "\(process)/fd") { open, name in
          guard inode(name, in: open, scratch) == wanted else { return true }
          found.append(process)
          return false
        }
      }
    } catch {}
    return found
  }

  private static func inode(_ name: UnsafePointer<CChar>, in open: CInt, _ scratch: Scratch) -> Int? {
    // The file may have been closed in the meantime.
    guard let link = try? Folder.link(name, in: open, scratch), link.hasPrefix("socket:["),
      link.last == UInt8(ascii: "]")
    else { return nil }
    return Bytes(rebasing: link.dropping(8).dropLast()).decimal
  }
}
