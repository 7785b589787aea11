import Glibc
import SystemPackage

/// An open directory. Its entries are opened relative to its descriptor, one name at a time and
/// never through a symbolic link, so that a hostile tree cannot lead outside of itself.
public struct Folder: ~Copyable, Sendable {
  public let descriptor: CInt

  /// The largest size of a sysfs file in bytes: the kernel writes each into one page.
  @inlinable
  static var longestAttribute: Int { 4096 }

  @inlinable
  public init(adopting descriptor: CInt) { self.descriptor = descriptor }

  /// Opens the folder at a path. Links in the path are followed.
  public init(at path: String) throws(Errno) {
    descriptor = try retrying { open(path, OpenFlags.folder) }
  }

  deinit { close(descriptor) }

  @inlinable
  public borrowing func folder(_ name: UnsafePointer<CChar>) throws(Errno) -> Folder {
    Folder(adopting: try retrying { openat(descriptor, name, OpenFlags.folder | O_NOFOLLOW) })
  }

  @inlinable
  public borrowing func copy() throws(Errno) -> Folder {
    Folder(adopting: try retrying { fcntl(descriptor, F_DUPFD_CLOEXEC, 0) })
  }

  /// Opens a file for reading.
  @inlinable
  public borrowing func file(_ name: UnsafePointer<CChar>) throws(Errno) -> OpenFile {
    OpenFile(adopting: try retrying { openat(descriptor, name, OpenFlags.file | O_NOFOLLOW) })
  }

  /// The content of a sysfs file. One read(2) returns all of it.
  @inlinable
  public borrowing func read(_ name: UnsafePointer<CChar>, _ scratch: Scratch) throws(Errno) -> Bytes {
    let file = try retrying { openat(descriptor, name, OpenFlags.file | O_NOFOLLOW) }
    defer { close(file) }
    let count = try retrying { Glibc.read(file, scratch.start, Self.longestAttribute + 1) }
    guard count <= Self.longestAttribute else { throw .fileTooLarge }
    return scratch.bytes(0..<count)
  }

  /// The content of a sysfs file; nil where the file does not exist.
  @inlinable
  public borrowing func readIfPresent(
    _ name: UnsafePointer<CChar>, _ scratch: Scratch
  ) throws(Errno) -> Bytes? {
    do { return try read(name, scratch) } catch {
      if error == .noSuchFileOrDirectory { return nil }
      throw error
    }
  }

  @inlinable
  public borrowing func has(_ name: UnsafePointer<CChar>) -> Bool {
    (try? Stat(name, relativeTo: FileDescriptor(rawValue: descriptor), flags: .symlinkNoFollow)) != nil
  }
}
