import Glibc
import SystemPackage

/// A file of which it matters who wrote it. It is opened once, so that what is judged is what is read.
public struct OwnedFile: Sendable {
  public let path: String
  public let bytes: [UInt8]
  /// Why users other than root and the one that runs pcipass may have changed it; nil where they may not.
  public let objection: Objection?

  /// What stands against a file, and the way out where there is a short one.
  public struct Objection: Sendable {
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
      objection =
        isLink
        ? Objection(reason: "\(path) is a link", help: "name the file itself")
        : Self.objection(to: status, path) ?? Self.objection(toFolder: folder, parent, path)
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
      return (try retrying { openat(folder.descriptor, name, Flags.file | O_NOFOLLOW) }, false)
    } catch {
      guard error == .tooManySymbolicLinkLevels else { throw error }
      return (try retrying { openat(folder.descriptor, name, Flags.file) }, true)
    }
  }

  private static func objection(to status: Stat, _ path: String) -> Objection? {
    guard status.type == .regular else {
      return Objection(reason: "\(path) is no plain file", help: nil)
    }
    guard status.isOwnedByRootOrUser else {
      return Objection(
        reason: "\(path) belongs to user \(status.userID.rawValue), who is neither root nor runs pcipass",
        help: geteuid() == 0 ? "chown root \(shellWord(path))" : nil)
    }
    guard !status.isWritableByOthers else {
      return Objection(
        reason: "others may write to \(path) (mode \(status.octalPermissions))",
        help: "chmod go-w \(shellWord(path))")
    }
    return nil
  }

  /// The owner of the folder does not matter: to plan and apply by sudo in one's own folder is common.
  private static func objection(
    toFolder folder: borrowing Folder, _ parent: String, _ path: String
  ) -> Objection? {
    let name = parent.isEmpty ? "." : parent
    let status: Stat
    do throws(Errno) { status = try Stat(FileDescriptor(rawValue: folder.descriptor)) } catch {
      return Objection(reason: "\(name): \(error.description)", help: nil)
    }
    guard status.isOpenToOthers else { return nil }
    return Objection(
      reason: "others may put another file in the place of \(path): they may write to its folder "
        + "(mode \(status.octalPermissions))",
      help: "chmod go-w \(shellWord(name))")
  }
}
