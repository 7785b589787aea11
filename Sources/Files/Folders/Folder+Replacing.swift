import Glibc
import SystemPackage

extension Folder {
  /// Writes a file atomically: at any time the folder contains the complete old file or the
  /// complete new one. The bytes are written to a hidden file in the same folder, which is flushed
  /// and then renamed.
  ///
  /// - Parameters:
  ///   - mode: the permissions of the file, regardless of the umask.
  ///   - isReplacing: whether an existing file may be replaced; `.fileExists` is thrown otherwise.
  public borrowing func replace(
    _ name: String, with bytes: some Sequence<UInt8>, mode: FilePermissions, isReplacing: Bool = true
  ) throws(Errno) {
    let temporary = ".\(name).\(getpid())"
    // An earlier process with the same id may have left the file when it was killed.
    unlinkat(descriptor, temporary, 0)
    do throws(Errno) {
      try create(temporary, bytes, mode)
      if isReplacing {
        try retrying { renameat(descriptor, temporary, descriptor, name) }
      } else {
        try retrying { linkat(descriptor, temporary, descriptor, name, 0) }
        unlinkat(descriptor, temporary, 0)
      }
    } catch {
      unlinkat(descriptor, temporary, 0)
      throw error
    }
  }

  private borrowing func create(
    _ name: String, _ bytes: some Sequence<UInt8>, _ mode: FilePermissions
  ) throws(Errno) {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let file = FileDescriptor(rawValue: try retrying { openat(descriptor, name, flags, mode.rawValue) })
    do {
      try file.closeAfter {
        try file.writeAll(bytes)
        try retrying { fchmod(file.rawValue, mode.rawValue) }
        try retrying { fsync(file.rawValue) }
      }
    } catch {
      throw error as? Errno ?? .ioError
    }
  }
}

/// Writes a file atomically, as `Folder.replace` does.
///
/// A path that exists and is not a regular file is refused: a device or a link is never replaced by a file.
///
/// - Parameters:
///   - mode: the permissions of the file, regardless of the umask.
///   - isReplacing: whether an existing file may be replaced; `.fileExists` is thrown otherwise.
public func replaceFile(
  at path: String, with bytes: some Sequence<UInt8>, mode: FilePermissions, isReplacing: Bool
) throws(FileError) {
  if let found = try? Stat(path, followTargetSymlink: false), found.type != .regular {
    throw FileError(path, reason: "it is not a regular file")
  }
  let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
  let parent = slash.map { String(path[...$0]) } ?? "."
  let name = slash.map { String(path[path.utf8.index(after: $0)...]) } ?? path
  do throws(Errno) {
    try Folder(at: parent).replace(name, with: bytes, mode: mode, isReplacing: isReplacing)
  } catch {
    throw FileError(path, error)
  }
}
