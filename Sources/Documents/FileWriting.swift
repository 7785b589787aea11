import Files
import SystemPackage

/// Writes a whole file or none of it. What is there and is not a regular file is left alone.
///
/// - Parameters:
///   - mode: the file's, whatever the umask is.
///   - isReplacing: whether a file that is there may be replaced.
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
