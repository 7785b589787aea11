import Files
import SystemPackage

/// Writes a file atomically. An existing path that is not a regular file is an error, and is not
/// changed.
///
/// - Parameters:
///   - mode: the permissions of the file, regardless of the umask.
///   - isReplacing: whether an existing file may be replaced.
public func writeFile(
  _ text: String, to path: String, mode: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead],
  isReplacing: Bool = true
) throws(Diagnostics) {
  do throws(FileError) {
    try replaceFile(at: path, with: text.utf8, mode: mode, isReplacing: isReplacing)
  } catch {
    throw Diagnostics(code: "unwritable", "cannot write \(error.path): \(error.reason)")
  }
}
