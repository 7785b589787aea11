import Glibc
import SystemPackage

/// A folder of pcipass's own, in which only root (or who runs it) may write.
struct StateFolder: ~Copyable {
  struct Refusal: Error {
    var reason: String
  }

  private let folder: Folder

  /// Opens the folder, made where it is not there yet. What others could have put something into is refused.
  init(_ path: String) throws(Refusal) {
    if mkdir(path, 0o700) != 0, errno != EEXIST {
      throw Refusal(reason: Errno(rawValue: errno).description)
    }
    let descriptor: CInt
    do {
      descriptor = try retrying { open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) }
    } catch {
      throw Refusal(reason: error == .notDirectory ? "the folder is a link or no folder" : error.description)
    }
    let folder = Folder(adopting: descriptor)
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Refusal(reason: Errno(rawValue: errno).description) }
    guard status.st_uid == 0 || status.st_uid == geteuid() else {
      throw Refusal(reason: "the folder belongs to user \(status.st_uid)")
    }
    guard status.st_mode & 0o022 == 0 else {
      throw Refusal(reason: "others may write into the folder; chmod go-w \(path)")
    }
    self.folder = folder
  }

  /// Writes a file so that it is the old one or the new one, whole, whatever happens meanwhile.
  borrowing func replace(_ name: String, with bytes: [UInt8]) throws(Refusal) {
    let temporary = ".\(name).\(getpid())"
    do {
      // Of a process of this number that was killed.
      unlinkat(folder.descriptor, temporary, 0)
      try write(temporary, bytes)
      try retrying { renameat(folder.descriptor, temporary, folder.descriptor, name) }
      try retrying { fsync(folder.descriptor) }
    } catch {
      unlinkat(folder.descriptor, temporary, 0)
      throw Refusal(reason: error.description)
    }
  }

  private borrowing func write(_ name: String, _ bytes: [UInt8]) throws(Errno) {
    let file = OpenFile(
      adopting: try retrying {
        openat(
          folder.descriptor, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode_t(0o600))
      })
    var written = 0
    while written < bytes.count {
      written += try retrying {
        bytes.withUnsafeBytes { all in
          let rest = UnsafeRawBufferPointer(rebasing: all[written...])
          return Glibc.write(file.descriptor, rest.baseAddress, rest.count)
        }
      }
    }
    try retrying { fsync(file.descriptor) }
  }
}

extension Folder {
  /// All of a file of any kind, or an error where it is longer than the limit.
  borrowing func contents(_ name: String, upTo limit: Int) throws(Errno) -> [UInt8] {
    let file = OpenFile(adopting: try retrying { openat(descriptor, name, Flags.file | O_NOFOLLOW) })
    return try file.contents(upTo: limit, Scratch(capacity: 64 << 10))
  }
}
