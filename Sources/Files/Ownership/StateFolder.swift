import Glibc
import SystemPackage

/// A private folder of pcipass, to which only root or the user who runs pcipass can write.
///
/// The folder has mode 0700, its files 0600. No symbolic link is followed. A file or folder that
/// belongs to another user, or that other users can write to, is refused, because root acts on the
/// content.
public struct StateFolder: ~Copyable {
  private let path: String
  private let folder: Folder

  /// Opens the folder, and creates it if it does not exist.
  public init(_ path: String) throws(FileError) {
    if mkdir(path, 0o700) == 0 {
      try? Self.flush(parentOf: path)
    } else if errno != EEXIST {
      throw FileError(path, Errno(rawValue: errno))
    }
    self.init(try Self.opened(path, at: AT_FDCWD, path), path)
  }

  /// Opens an existing folder; nil where it does not exist.
  public static func existing(_ path: String) throws(FileError) -> StateFolder? {
    do throws(FileError) { return StateFolder(try opened(path, at: AT_FDCWD, path), path) } catch {
      if error.isMissing { return nil }
      throw error
    }
  }

  private init(_ folder: consuming Folder, _ path: String) {
    self.folder = folder
    self.path = path
  }

  private init(_ name: String, in parent: borrowing Folder, _ path: String) throws(FileError) {
    let path = path + "/" + name
    self.init(try Self.opened(name, at: parent.descriptor, path), path)
  }

  private static func opened(_ name: String, at parent: CInt, _ path: String) throws(FileError) -> Folder {
    let descriptor: CInt
    do throws(Errno) {
      descriptor = try retrying { openat(parent, name, OpenFlags.listing | O_NOFOLLOW) }
    } catch {
      let isNone = error == .notDirectory || error == .tooManySymbolicLinkLevels
      throw FileError(
        path, reason: isNone ? "it is a symbolic link or not a folder" : error.description, error)
    }
    let folder = Folder(adopting: descriptor)
    _ = try check(descriptor, "the folder", path)
    return folder
  }

  private static func check(
    _ descriptor: CInt, _ what: String, _ path: String
  ) throws(FileError) -> FileType {
    let status: Stat
    do throws(Errno) { status = try Stat(FileDescriptor(rawValue: descriptor)) } catch {
      throw FileError(path, error)
    }
    guard status.isOwnedByRootOrUser else {
      throw FileError(
        path,
        reason:
          "\(what) belongs to user \(status.userID.rawValue), not to root or to the user that runs pcipass")
    }
    guard !status.isWritableByOthers else {
      throw FileError(path, reason: "other users can write to \(what); run: chmod go-w \(shellWord(path))")
    }
    return status.type
  }

  /// Opens the folder of this name in it, and creates it if it does not exist.
  public borrowing func folder(_ name: String) throws(FileError) -> StateFolder {
    if mkdirat(folder.descriptor, name, 0o700) == 0 {
      try flush()
    } else if errno != EEXIST {
      throw failure(name, Errno(rawValue: errno))
    }
    return try StateFolder(name, in: folder, path)
  }

  /// Opens an existing folder of this name; nil where it does not exist.
  public borrowing func existingFolder(_ name: String) throws(FileError) -> StateFolder? {
    do throws(FileError) {
      return try StateFolder(name, in: folder, path)
    } catch {
      if error.isMissing { return nil }
      throw error
    }
  }

  public borrowing func names() throws(FileError) -> [String] {
    do throws(Errno) { return try folder.names() } catch { throw FileError(path, error) }
  }

  /// All bytes of a file; nil where it does not exist.
  public borrowing func contents(_ name: String, upTo limit: Int) throws(FileError) -> [UInt8]? {
    do throws(FileError) {
      let file = try open(name, OpenFlags.file)
      do throws(Errno) { return try file.contents(upTo: limit) } catch { throw failure(name, error) }
    } catch {
      if error.isMissing { return nil }
      throw error
    }
  }

  /// Creates a file for writing. Its name is on disk when the call returns.
  public borrowing func create(_ name: String) throws(FileError) -> FileDescriptor {
    let file = try open(name, O_WRONLY | O_APPEND | O_CREAT | O_EXCL)
    try flush()
    return FileDescriptor(rawValue: file.take())
  }

  /// Opens an existing file for appending.
  public borrowing func append(to name: String) throws(FileError) -> FileDescriptor {
    FileDescriptor(rawValue: try open(name, O_WRONLY | O_APPEND).take())
  }

  /// The lock on a file, which is created if it does not exist. The lock is not taken yet.
  public borrowing func lock(_ name: String) throws(FileError) -> FileLock {
    FileLock(FileDescriptor(rawValue: try open(name, O_RDWR | O_CREAT).take()))
  }

  /// The lock on an existing file, opened for reading only; nil where the file does not exist.
  public borrowing func existingLock(_ name: String) throws(FileError) -> FileLock? {
    do throws(FileError) {
      return FileLock(FileDescriptor(rawValue: try open(name, O_RDONLY | O_NONBLOCK).take()))
    } catch {
      if error.isMissing { return nil }
      throw error
    }
  }

  public borrowing func remove(_ name: String) throws(FileError) {
    guard unlinkat(folder.descriptor, name, 0) == 0 else { throw failure(name, Errno(rawValue: errno)) }
  }

  /// Writes a file atomically: at any time the folder contains the complete old file or the
  /// complete new one.
  public borrowing func replace(_ name: String, with bytes: [UInt8]) throws(FileError) {
    do throws(Errno) {
      try folder.replace(name, with: bytes, mode: [.ownerReadWrite])
    } catch {
      throw failure(name, error)
    }
    try flush()
  }

  private borrowing func open(_ name: String, _ flags: CInt) throws(FileError) -> OpenFile {
    let file: OpenFile
    do throws(Errno) {
      file = OpenFile(
        adopting: try retrying {
          openat(folder.descriptor, name, flags | O_NOFOLLOW | O_CLOEXEC, mode_t(0o600))
        })
    } catch { throw failure(name, error) }
    guard try Self.check(file.descriptor, "the file", path + "/" + name) == .regular else {
      throw FileError("\(path)/\(name)", reason: "it is not a regular file")
    }
    return file
  }

  private borrowing func failure(_ name: String, _ error: Errno) -> FileError {
    FileError(
      "\(path)/\(name)",
      reason: error == .tooManySymbolicLinkLevels ? "the file is a symbolic link" : error.description, error)
  }

  private borrowing func flush() throws(FileError) {
    do throws(Errno) { try retrying { fsync(folder.descriptor) } } catch { throw FileError(path, error) }
  }

  private static func flush(parentOf path: String) throws(Errno) {
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    let parent = slash.map { String(path[...$0]) } ?? "."
    let folder = Folder(adopting: try retrying { Glibc.open(parent, OpenFlags.listing) })
    try retrying { fsync(folder.descriptor) }
  }
}
