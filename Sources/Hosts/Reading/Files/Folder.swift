import Glibc
import SystemPackage

/// An open directory. Everything below is reached from its descriptor, one name at a time and never through
/// a symbolic link, so that no tree, however hostile, leads out of itself.
struct Folder: ~Copyable, Sendable {
  let descriptor: CInt

  /// No sysfs file is longer: the kernel writes them into one page.
  static let longestAttribute = 4096

  init(adopting descriptor: CInt) { self.descriptor = descriptor }

  /// The folder somebody named, through links if it is so.
  init(at path: String) throws(Errno) {
    descriptor = try retrying { open(path, Flags.folder) }
  }

  deinit { close(descriptor) }

  borrowing func folder(_ name: UnsafePointer<CChar>) throws(Errno) -> Folder {
    Folder(adopting: try retrying { openat(descriptor, name, Flags.folder | O_NOFOLLOW) })
  }

  borrowing func copy() throws(Errno) -> Folder {
    Folder(adopting: try retrying { fcntl(descriptor, F_DUPFD_CLOEXEC, 0) })
  }

  /// Where a symbolic link leads, not followed.
  borrowing func link(_ name: UnsafePointer<CChar>, _ scratch: Scratch) throws(Errno) -> Bytes {
    try Self.link(name, in: descriptor, scratch)
  }

  static func link(
    _ name: UnsafePointer<CChar>, in folder: CInt, _ scratch: Scratch
  ) throws(Errno) -> Bytes {
    let count = try retrying {
      scratch.start.withMemoryRebound(to: CChar.self, capacity: scratch.capacity) {
        readlinkat(folder, name, $0, scratch.capacity)
      }
    }
    return scratch.bytes(0..<count)
  }

  /// What a link leads to, or nil where there is none.
  borrowing func linkIfPresent(_ name: UnsafePointer<CChar>, _ scratch: Scratch) throws(Errno) -> Bytes? {
    do { return try link(name, scratch) } catch {
      if error == .noSuchFileOrDirectory { return nil }
      throw error
    }
  }

  /// A file of sysfs: one read gives all of it.
  borrowing func read(_ name: UnsafePointer<CChar>, _ scratch: Scratch) throws(Errno) -> Bytes {
    let file = try retrying { openat(descriptor, name, Flags.file | O_NOFOLLOW) }
    defer { close(file) }
    let count = try retrying { Glibc.read(file, scratch.start, Self.longestAttribute + 1) }
    guard count <= Self.longestAttribute else { throw .fileTooLarge }
    return scratch.bytes(0..<count)
  }

  /// A file of sysfs, or nil where there is none.
  borrowing func readIfPresent(_ name: UnsafePointer<CChar>, _ scratch: Scratch) throws(Errno) -> Bytes? {
    do { return try read(name, scratch) } catch {
      if error == .noSuchFileOrDirectory { return nil }
      throw error
    }
  }

  borrowing func has(_ name: UnsafePointer<CChar>) -> Bool {
    var status = stat()
    return fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0
  }

  /// Calls with the name of each entry, `.` and `..` left out, until the call says that it has enough.
  borrowing func entries(_ visit: (UnsafePointer<CChar>) -> Bool) throws(Errno) {
    try entries(of: ".") { _, name in visit(name) }
  }

  /// The same for a folder in this one, with that folder's descriptor, which is open until the last call.
  borrowing func entries(
    of folder: UnsafePointer<CChar>, _ visit: (CInt, UnsafePointer<CChar>) -> Bool
  ) throws(Errno) {
    let copy = try retrying { openat(descriptor, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW) }
    guard let listing = fdopendir(copy) else {
      let error = Errno(rawValue: errno)
      close(copy)
      throw error
    }
    defer { closedir(listing) }
    while true {
      errno = 0
      guard let entry = readdir(listing) else {
        if errno != 0 { throw Errno(rawValue: errno) }
        return
      }
      guard let offset = MemoryLayout.offset(of: \dirent.d_name) else { return }
      let name = UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self)
      let isDots = name[0] == 0x2E && (name[1] == 0 || (name[1] == 0x2E && name[2] == 0))
      if !isDots, !visit(copy, name) { return }
    }
  }

  /// All names, sorted: the kernel's order is no order.
  borrowing func names(upTo limit: Int = 65536) throws(Errno) -> [String] {
    var names: [String] = []
    try entries { name in
      names.append(String(cString: name))
      return names.count < limit
    }
    return names.sorted()
  }
}

enum Flags {
  /// O_PATH, which Glibc declares for GNU sources only: enough to start from, and cheaper.
  private static let path: CInt = 0o10000000
  static let folder = path | O_DIRECTORY | O_CLOEXEC
  /// A pipe in a file's place must not hold up the reader, nor a terminal take it over.
  static let file = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
}

/// One system call, made again where a signal interrupted it.
@inline(__always) @discardableResult
func retrying<Result: SignedInteger>(_ call: () -> Result) throws(Errno) -> Result {
  while true {
    let result = call()
    if result != -1 { return result }
    let code = errno
    if code != EINTR { throw Errno(rawValue: code) }
  }
}
