import Files
import SystemPackage

/// Which processes have which sockets open: `socket:[INODE]` in `/proc/PID/fd`.
enum SocketHolders {
  /// The inodes of a process's sockets. It may have as many as it is allowed files; the first are enough, as the one it
  /// was started for is among them.
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

  static func processes(with wanted: Int, _ tree: borrowing Tree, _ scratch: Scratch) -> [Int] {
    var found: [Int] = []
    do {
      let proc = try tree.folder("proc")
      for process in try proc.processes() {
        // One that has ended, or may not be looked into, is passed over.
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
    // It may be closed by now.
    guard let link = try? Folder.link(name, in: open, scratch), link.hasPrefix("socket:["),
      link.last == UInt8(ascii: "]")
    else { return nil }
    return Bytes(rebasing: link.dropping(8).dropLast()).decimal
  }
}
