import Glibc
import SystemPackage

/// A file of which it matters who wrote it. It is opened once, so that what is judged is what is read.
public struct OwnedFile: Sendable {
  public let path: String
  public let bytes: [UInt8]
  /// Why users other than root and the one that runs pcipass may have changed it; nil where they may not.
  public let ownershipProblem: OwnershipProblem?

  /// What stands against a file, and the way out where there is a short one.
  public struct OwnershipProblem: Sendable {
    public let reason: String
    public let help: String?
  }

  /// Reads a file of any kind, at most so many bytes of it; nil where the path is that of a folder.
  ///
  /// A link is followed, and objected to: the owner of the link, and users that may write where it leads, choose the file.
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

  /// The owner of the folder does not matter: to plan and apply by sudo in one's own folder is common.
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
