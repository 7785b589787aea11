import Glibc
import SystemPackage

/// A file whose owner must be trusted. It is opened once, so that the checked file is the file that
/// is read.
public struct OwnedFile: Sendable {
  public let path: String
  public let bytes: [UInt8]
  /// Why users other than root and the user who runs pcipass may have changed the file; nil where
  /// they cannot.
  public let ownershipProblem: OwnershipProblem?

  /// The reason not to trust a file, and a short remedy if there is one.
  public struct OwnershipProblem: Sendable {
    public let reason: String
    public let help: String?
  }

  /// Reads a file of any kind, at most `limit` bytes of it; nil where the path is a folder.
  ///
  /// A link is followed and reported as a problem, because the owner of the link, and users who can
  /// write to its target folder, choose the file.
  public init?(_ path: String, atMost limit: Int) throws(FileError) {
    let whole = FilePath(path)
    guard let name = whole.lastComponent?.string else { return nil }
    let parent = whole.removingLastComponent().string
    do throws(Errno) {
      let folder = try Folder(at: parent.isEmpty ? "." : parent)
      let (descriptor, isLink) = try Self.open(name, in: folder)
      let file = OpenFile(adopting: descriptor)
      let status = try Stat(FileDescriptor(rawValue: file.descriptor))
      if status.type == .directory { return nil }
      ownershipProblem =
        isLink
        ? OwnershipProblem(reason: "\(path) is a symbolic link", help: "give the path of the file itself")
        : Self.ownershipProblem(to: status, path) ?? Self.ownershipProblem(toFolder: folder, parent, path)
      bytes = try file.bytes(atMost: limit, isWaiting: true)
    } catch {
      throw FileError(path, error)
    }
    self.path = path
  }

  private static func open(
    _ name: String, in folder: borrowing Folder
  ) throws(Errno) -> (descriptor: CInt, isLink: Bool) {
    do throws(Errno) {
      return (try retrying { openat(folder.descriptor, name, OpenFlags.file | O_NOFOLLOW) }, false)
    } catch {
      guard error == .tooManySymbolicLinkLevels else { throw error }
      return (try retrying { openat(folder.descriptor, name, OpenFlags.file) }, true)
    }
  }

  private static func ownershipProblem(to status: Stat, _ path: String) -> OwnershipProblem? {
    guard status.type == .regular else {
      return OwnershipProblem(reason: "\(path) is not a regular file", help: nil)
    }
    guard status.isOwnedByRootOrUser else {
      return OwnershipProblem(
        reason:
          "\(path) belongs to user \(status.userID.rawValue), not to root or to the user that runs pcipass",
        help: geteuid() == 0 ? "chown root \(shellWord(path))" : nil)
    }
    guard !status.isWritableByOthers else {
      return OwnershipProblem(
        reason: "other users can write to \(path) (mode \(status.octalPermissions))",
        help: "chmod go-w \(shellWord(path))")
    }
    return nil
  }

  /// The owner of the folder is not checked, because users often plan and apply with sudo in their
  /// own folder.
  private static func ownershipProblem(
    toFolder folder: borrowing Folder, _ parent: String, _ path: String
  ) -> OwnershipProblem? {
    let name = parent.isEmpty ? "." : parent
    let status: Stat
    do throws(Errno) { status = try Stat(FileDescriptor(rawValue: folder.descriptor)) } catch {
      return OwnershipProblem(reason: "\(name): \(error.description)", help: nil)
    }
    guard status.isOpenToOthers else { return nil }
    return OwnershipProblem(
      reason: "other users can replace \(path): they can write to its folder "
        + "(mode \(status.octalPermissions))",
      help: "chmod go-w \(shellWord(name))")
  }
}
