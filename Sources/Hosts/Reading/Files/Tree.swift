import Glibc
import SystemPackage

/// The root below which a host is read: `/`, or a captured or generated tree.
struct Tree: ~Copyable {
  /// As it is shown in messages: without a slash at the end.
  let prefix: String
  /// Whether this is the machine itself. Only there links outside of sysfs are followed (`/lib`,
  /// `/proc/net`), and only there commands tell of this host.
  let isLive: Bool
  private let root: Folder

  init(_ path: String) throws(Errno) {
    var path = Substring(path.isEmpty ? "." : path)
    while path.count > 1, path.hasSuffix("/") { path = path.dropLast() }
    isLive = path == "/"
    prefix = isLive ? "" : String(path)
    root = try Folder(at: String(path))
  }

  /// What a path below the root is called in messages.
  borrowing func name(of path: String) -> String { prefix + "/" + path }

  /// A folder below the root; the path has no slash in front.
  borrowing func folder(_ path: String) throws(Errno) -> Folder {
    if isLive {
      return Folder(adopting: try retrying { openat(root.descriptor, path, Flags.folder) })
    }
    var folder = try root.copy()
    for component in path.split(separator: "/") { folder = try folder.folder(String(component)) }
    return folder
  }

  /// A file below the root, open for reading.
  borrowing func file(_ path: String) throws(Errno) -> OpenFile {
    if isLive {
      return OpenFile(adopting: try retrying { openat(root.descriptor, path, Flags.file) })
    }
    let parts = path.split(separator: "/")
    let folder = try folder(parts.dropLast().joined(separator: "/"))
    let name = parts.last.map(String.init) ?? "."
    return OpenFile(
      adopting: try retrying { openat(folder.descriptor, name, Flags.file | O_NOFOLLOW) })
  }
}

/// An open file of any length.
struct OpenFile: ~Copyable {
  let descriptor: CInt

  init(adopting descriptor: CInt) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// The descriptor, to be closed by whoever takes it.
  consuming func take() -> CInt {
    let taken = descriptor
    discard self
    return taken
  }

  /// The first bytes, at most so many; what follows is left.
  borrowing func start(upTo limit: Int, _ scratch: Scratch) throws(Errno) -> Bytes {
    let limit = min(limit, scratch.capacity)
    var count = 0
    while count < limit {
      let more = try retrying { read(descriptor, scratch.start + count, limit - count) }
      if more == 0 { break }
      count += more
    }
    return scratch.bytes(0..<count)
  }

  /// All of it, or an error where there is more than the limit.
  borrowing func contents(upTo limit: Int, _ scratch: Scratch) throws(Errno) -> [UInt8] {
    var result: [UInt8] = []
    while true {
      let count = try retrying { read(descriptor, scratch.start, scratch.capacity) }
      if count == 0 { return result }
      guard result.count + count <= limit else { throw .fileTooLarge }
      result.append(contentsOf: scratch.bytes(0..<count))
    }
  }

  /// Calls with each line, without its end, until the call says that it has enough. A line that does not fit
  /// into the scratch memory is left out; a file that does not end is an error at the limit.
  @inline(__always)
  borrowing func lines(
    from offset: Int? = nil, upTo limit: Int, _ scratch: Scratch, _ visit: (Bytes) -> Bool
  ) throws(Errno) {
    var (kept, total, isSkipping) = (0, 0, false)
    if let offset { try retrying { lseek(descriptor, off_t(offset), SEEK_SET) } }
    while true {
      let count = try retrying { read(descriptor, scratch.start + kept, scratch.capacity - kept) }
      if count == 0 {
        if kept > 0, !isSkipping { _ = visit(scratch.bytes(0..<kept)) }
        return
      }
      total += count
      guard total <= limit else { throw .fileTooLarge }
      let end = kept + count
      var line = 0
      while let found = memchr(scratch.start + line, 0x0A, end - line) {
        let next = UnsafeRawPointer(found) - UnsafeRawPointer(scratch.start)
        if !isSkipping, !visit(scratch.bytes(line..<next)) { return }
        isSkipping = false
        line = next + 1
      }
      kept = end - line
      if kept == scratch.capacity {
        isSkipping = true
        kept = 0
      } else if line > 0 {
        memmove(scratch.start, scratch.start + line, kept)
      }
    }
  }
}
