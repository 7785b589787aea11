import Glibc
import SystemPackage

extension Folder {
  /// The target of a symbolic link, which is not followed.
  @inlinable
  public borrowing func link(_ name: UnsafePointer<CChar>, _ scratch: Scratch) throws(Errno) -> Bytes {
    try Self.link(name, in: descriptor, scratch)
  }

  @inlinable
  public static func link(
    _ name: UnsafePointer<CChar>, in folder: CInt, _ scratch: Scratch
  ) throws(Errno) -> Bytes {
    let count = try retrying {
      scratch.start.withMemoryRebound(to: CChar.self, capacity: scratch.capacity) {
        readlinkat(folder, name, $0, scratch.capacity)
      }
    }
    return scratch.bytes(0..<count)
  }

  /// The target of a symbolic link; nil where the name does not exist.
  @inlinable
  public borrowing func linkIfPresent(
    _ name: UnsafePointer<CChar>, _ scratch: Scratch
  ) throws(Errno) -> Bytes? {
    do { return try link(name, scratch) } catch {
      if error == .noSuchFileOrDirectory { return nil }
      throw error
    }
  }

  /// The target of the link at a path. Links on the way to it are followed.
  public static func link(at path: String) throws(Errno) -> String {
    // The kernel limits a target to PATH_MAX bytes.
    let scratch = Scratch(capacity: Int(PATH_MAX))
    return try withExtendedLifetime(scratch) { () throws(Errno) in
      try link(path, in: AT_FDCWD, scratch).text
    }
  }
}
