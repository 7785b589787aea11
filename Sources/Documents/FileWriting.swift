import Glibc
import SystemPackage

/// Writes a whole file or none of it: into a new file beside it, made durable, then put in its place.
///
/// What is there and is no plain file is left alone: in the place of a device or a link nobody wants a file.
///
/// - Parameter isReplacing: whether a file that is there may be replaced.
public func writeFile(
  _ text: String, to path: String, mode: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead],
  isReplacing: Bool = true
) throws(Diagnostic) {
  let temporary = path + ".new-\(getpid())"
  var status = stat()
  guard lstat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG else {
    throw Diagnostic(code: "unwritable", "\(path) cannot be written: it is no plain file")
  }
  // Of a process of this number that was killed.
  unlink(temporary)
  do {
    let descriptor = try FileDescriptor.open(
      FilePath(temporary), .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec, .noFollow],
      permissions: mode)
    do {
      try descriptor.closeAfter {
        _ = try descriptor.writeAll(text.utf8)
        // Whatever the umask is: who is meant to read it can.
        guard fchmod(descriptor.rawValue, mode.rawValue) == 0 else { throw Errno(rawValue: errno) }
        guard fsync(descriptor.rawValue) == 0 else { throw Errno(rawValue: errno) }
      }
      if isReplacing {
        guard rename(temporary, path) == 0 else { throw Errno(rawValue: errno) }
      } else {
        guard link(temporary, path) == 0 else { throw Errno(rawValue: errno) }
        unlink(temporary)
      }
    } catch {
      unlink(temporary)
      throw error
    }
  } catch let error as Errno {
    throw Diagnostic(code: "unwritable", "\(path) cannot be written: \(error.description)")
  } catch {
    throw Diagnostic(code: "unwritable", "\(path) cannot be written")
  }
}
