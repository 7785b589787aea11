import Documents
import Files
import Glibc
import SystemPackage

/// A folder that a command fills with files: a new one, or one that is empty except for hidden entries, which
/// pcipass never reads as manifests.
struct NewFolder {
  private let path: String

  init(_ path: String) { self.path = path }

  /// Writes all files, or none of them. They are written to a hidden folder and flushed. Then the folders in it
  /// are renamed, that of the last file last.
  ///
  /// - Parameter files: the files and their paths, each below a folder.
  func fill(_ files: [(path: String, text: String)]) throws(Diagnostics) {
    let isNew = try make()
    let scratch = "\(path)/.import-\(getpid())"
    var tops: [String] = []
    for file in files {
      let top = String(file.path.prefix { $0 != "/" })
      tops.removeAll { $0 == top }
      tops.append(top)
    }
    var folders: [String] = []
    do throws(FileError) {
      try Self.makeFolder(scratch)
      folders.append("")
      for file in files { try Self.write(file.text, to: file.path, in: scratch, &folders) }
      try Self.flush(files.map { "\(scratch)/\($0.path)" })
      for top in tops { try Self.rename("\(scratch)/\(top)", to: "\(path)/\(top)") }
      rmdir(scratch)
    } catch {
      if !folders.isEmpty { Self.remove(files, folders, in: scratch, tops, renamedTo: path) }
      if isNew { rmdir(path) }
      throw Diagnostics(code: "unwritable", "cannot write \(error.path): \(error.reason)")
    }
  }

  /// Removes what was written, after the folders that were renamed are renamed back.
  private static func remove(
    _ files: [(path: String, text: String)], _ folders: [String], in scratch: String, _ tops: [String],
    renamedTo path: String
  ) {
    // A folder that is still there was not renamed.
    for top in tops where access("\(scratch)/\(top)", F_OK) != 0 && folders.contains("/\(top)") {
      Glibc.rename("\(path)/\(top)", "\(scratch)/\(top)")
    }
    for file in files { unlink("\(scratch)/\(file.path)") }
    for folder in folders.reversed() { rmdir(scratch + folder) }
  }

  /// Makes the folder, or checks that it is empty. Returns whether it is new.
  private func make() throws(Diagnostics) -> Bool {
    if mkdir(path, 0o755) == 0 { return true }
    let error = Errno(rawValue: errno)
    guard error == .fileExists else {
      throw Diagnostics(code: "unwritable", "\(path) cannot be created: \(error)")
    }
    let names: [String]
    do throws(Errno) { names = try Folder.shownNames(at: path, followsLink: true, upTo: 1) } catch {
      throw .unreadable(FileError(path, error))
    }
    guard names.isEmpty else {
      throw Diagnostics(
        code: "exists", "\(path) is not empty",
        help: "choose a folder that does not exist or is empty; pcipass does not change manifests in it")
    }
    return false
  }

  /// - Parameter folders: the folders that exist, each as a path below `root`.
  private static func write(
    _ text: String, to path: String, in root: String, _ folders: inout [String]
  ) throws(FileError) {
    var parent = ""
    for part in path.split(separator: "/").dropLast() {
      parent += "/\(part)"
      guard !folders.contains(parent) else { continue }
      try makeFolder(root + parent)
      folders.append(parent)
    }
    do {
      let file = try FileDescriptor.open(
        FilePath("\(root)/\(path)"), .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
        permissions: [.ownerReadWrite, .groupRead, .otherRead])
      try file.closeAfter { _ = try file.writeAll(text.utf8) }
    } catch {
      throw FileError("\(root)/\(path)", error as? Errno ?? .ioError)
    }
  }

  private static func makeFolder(_ path: String) throws(FileError) {
    do throws(Errno) { try retrying { mkdir(path, 0o755) } } catch { throw FileError(path, error) }
  }

  private static func rename(_ path: String, to target: String) throws(FileError) {
    do throws(Errno) { try retrying { Glibc.rename(path, target) } } catch { throw FileError(target, error) }
  }

  /// Waits until all files are on disk. A file system writes files faster that are flushed at the same time.
  private static func flush(_ paths: [String]) throws(FileError) {
    let errors = inParallel(count: paths.count, atLeast: 8) { part in
      paths[part].map { path -> FileError? in
        do throws(Errno) {
          let descriptor = try retrying { open(path, OpenFlags.file) }
          defer { close(descriptor) }
          try retrying { fsync(descriptor) }
          return nil
        } catch {
          return FileError(path, error)
        }
      }
    }
    if let error = errors.lazy.compactMap({ $0 }).first { throw error }
  }
}
