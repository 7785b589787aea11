import CKernel
import Documents
import Glibc
import SystemPackage

/// A folder of pcipass's own, in which only root (or who runs it) may write.
///
/// Made with mode 0700, its files with 0600. No symbolic link is followed, and what is somebody else's, or others may
/// write to, is refused: what stands here is carried out as root.
public struct StateFolder: ~Copyable {
  public struct Refusal: Error {
    public var reason: String
    var isMissing = false
  }

  private let path: String
  private let folder: Folder

  /// Opens the folder, made where it is not there yet.
  public init(_ path: String) throws(Refusal) {
    if mkdir(path, 0o700) == 0 {
      try? Self.flush(parentOf: path)
    } else if errno != EEXIST {
      throw Refusal(reason: "\(path): \(Errno(rawValue: errno))")
    }
    self.init(try Self.opened(path, at: AT_FDCWD, path), path)
  }

  /// Opens a folder that is there; nil where there is none.
  public static func existing(_ path: String) throws(Refusal) -> StateFolder? {
    do throws(Refusal) { return StateFolder(try opened(path, at: AT_FDCWD, path), path) } catch {
      if error.isMissing { return nil }
      throw error
    }
  }

  private init(_ folder: consuming Folder, _ path: String) {
    self.folder = folder
    self.path = path
  }

  private init(_ name: String, in parent: borrowing Folder, _ path: String) throws(Refusal) {
    let path = path + "/" + name
    self.init(try Self.opened(name, at: parent.descriptor, path), path)
  }

  private static func opened(_ name: String, at parent: CInt, _ path: String) throws(Refusal) -> Folder {
    let descriptor: CInt
    do {
      descriptor = try retrying {
        openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      }
    } catch {
      let isNone = error == .notDirectory || error == .tooManySymbolicLinkLevels
      throw Refusal(
        reason: "\(path): " + (isNone ? "the folder is a link or no folder" : error.description),
        isMissing: error == .noSuchFileOrDirectory)
    }
    let folder = Folder(adopting: descriptor)
    try check(descriptor, "the folder", path)
    return folder
  }

  private static func check(_ descriptor: CInt, _ what: String, _ path: String) throws(Refusal) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw Refusal(reason: "\(path): \(Errno(rawValue: errno))")
    }
    guard status.st_uid == 0 || status.st_uid == geteuid() else {
      throw Refusal(reason: "\(path): \(what) belongs to user \(status.st_uid)")
    }
    guard status.st_mode & 0o022 == 0 else {
      throw Refusal(reason: "\(path): others may write into \(what); chmod go-w \(shellWord(path))")
    }
  }

  /// The folder of this name in it, made where it is not there yet.
  public borrowing func folder(_ name: String) throws(Refusal) -> StateFolder {
    if mkdirat(folder.descriptor, name, 0o700) == 0 {
      try flush()
    } else if errno != EEXIST {
      throw refusal(name, Errno(rawValue: errno))
    }
    return try StateFolder(name, in: folder, path)
  }

  /// The folder of this name, or nil where there is none.
  public borrowing func existingFolder(_ name: String) throws(Refusal) -> StateFolder? {
    do throws(Refusal) {
      return try StateFolder(name, in: folder, path)
    } catch {
      if error.isMissing { return nil }
      throw error
    }
  }

  public borrowing func names() throws(Refusal) -> [String] {
    do { return try folder.names() } catch { throw Refusal(reason: "\(path): \(error)") }
  }

  /// All of a file; nil where there is none.
  public borrowing func contents(_ name: String, upTo limit: Int) throws(Refusal) -> [UInt8]? {
    do throws(Refusal) {
      let file = try open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY)
      do { return try file.contents(upTo: limit, Scratch(capacity: 64 << 10)) } catch {
        throw refusal(name, error)
      }
    } catch {
      if error.isMissing { return nil }
      throw error
    }
  }

  /// A new file to write to, which is in the folder whatever happens from now on.
  public borrowing func create(_ name: String) throws(Refusal) -> FileDescriptor {
    let file = try open(name, O_WRONLY | O_APPEND | O_CREAT | O_EXCL)
    try flush()
    return FileDescriptor(rawValue: file.take())
  }

  /// A file to add to.
  public borrowing func append(to name: String) throws(Refusal) -> FileDescriptor {
    FileDescriptor(rawValue: try open(name, O_WRONLY | O_APPEND).take())
  }

  /// A file to be locked, made where it is not there yet.
  public borrowing func lockFile(_ name: String) throws(Refusal) -> FileDescriptor {
    FileDescriptor(rawValue: try open(name, O_RDWR | O_CREAT).take())
  }

  /// The same, only to be looked at; nil where there is none.
  public borrowing func existingLockFile(_ name: String) throws(Refusal) -> FileDescriptor? {
    do throws(Refusal) { return FileDescriptor(rawValue: try open(name, O_RDONLY | O_NONBLOCK).take()) } catch
    {
      if error.isMissing { return nil }
      throw error
    }
  }

  /// Cuts off what follows in a file. Room that was taken behind its end stays where nothing follows.
  public static func cut(_ file: FileDescriptor, to length: Int) throws(Refusal) {
    var status = stat()
    if fstat(file.rawValue, &status) == 0, status.st_size == off_t(length) { return }
    guard ftruncate(file.rawValue, off_t(length)) == 0, fsync(file.rawValue) == 0 else {
      throw Refusal(reason: Errno(rawValue: errno).description)
    }
  }

  /// Takes room for so much more on the disk, and leaves the file as long as it is. Where the file system has no way
  /// to do that, nothing is done.
  public static func reserve(_ count: Int, behind length: Int, of file: FileDescriptor) throws(Refusal) {
    let error = ckernel_reserve(file.rawValue, off_t(length), off_t(count))
    guard error != ENOSPC, error != EDQUOT else { throw Refusal(reason: Errno(rawValue: error).description) }
  }

  public borrowing func remove(_ name: String) throws(Refusal) {
    guard unlinkat(folder.descriptor, name, 0) == 0 else { throw refusal(name, Errno(rawValue: errno)) }
  }

  /// Writes a file so that it is the old one or the new one, whole, whatever happens meanwhile.
  public borrowing func replace(_ name: String, with bytes: [UInt8]) throws(Refusal) {
    let temporary = ".\(name).\(getpid())"
    // Of a process of this number that was killed.
    unlinkat(folder.descriptor, temporary, 0)
    do throws(Refusal) {
      try write(temporary, bytes)
      do { try retrying { renameat(folder.descriptor, temporary, folder.descriptor, name) } } catch {
        throw refusal(name, error)
      }
      try flush()
    } catch {
      unlinkat(folder.descriptor, temporary, 0)
      throw error
    }
  }

  private borrowing func write(_ name: String, _ bytes: [UInt8]) throws(Refusal) {
    let file = FileDescriptor(rawValue: try open(name, O_WRONLY | O_CREAT | O_EXCL).take())
    defer { try? file.close() }
    do {
      try file.writeAll(bytes)
      try retrying { fsync(file.rawValue) }
    } catch {
      throw refusal(name, error as? Errno ?? .ioError)
    }
  }

  private borrowing func open(_ name: String, _ flags: CInt) throws(Refusal) -> OpenFile {
    let file: OpenFile
    do {
      file = OpenFile(
        adopting: try retrying {
          openat(folder.descriptor, name, flags | O_NOFOLLOW | O_CLOEXEC, mode_t(0o600))
        })
    } catch { throw refusal(name, error) }
    try Self.check(file.descriptor, "the file", path + "/" + name)
    var status = stat()
    guard fstat(file.descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw Refusal(reason: "\(path)/\(name): this is no plain file")
    }
    return file
  }

  private borrowing func refusal(_ name: String, _ error: Errno) -> Refusal {
    Refusal(
      reason: "\(path)/\(name): "
        + (error == .tooManySymbolicLinkLevels ? "the file is a symbolic link" : error.description),
      isMissing: error == .noSuchFileOrDirectory)
  }

  private borrowing func flush() throws(Refusal) {
    do { try retrying { fsync(folder.descriptor) } } catch { throw Refusal(reason: "\(path): \(error)") }
  }

  private static func flush(parentOf path: String) throws(Errno) {
    let parent = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
      separator: "/")
    let descriptor = try retrying {
      Glibc.open(
        parent.isEmpty ? (path.first == "/" ? "/" : ".") : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
    defer { close(descriptor) }
    try retrying { fsync(descriptor) }
  }
}
