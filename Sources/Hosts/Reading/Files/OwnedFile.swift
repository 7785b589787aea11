import Documents
import Glibc
import SystemPackage

/// A file of which it matters who wrote it. It is opened once, so that what is judged is what is read.
public struct OwnedFile: Sendable {
  public let source: Source
  /// Why others than root and who runs pcipass may have had a say in it; nil where they have not.
  public let objection: Objection?

  /// What stands against a file, and the way out where there is a short one.
  public struct Objection: Sendable {
    public let reason: String
    public let help: String?
  }

  /// Reads a file of any kind, or nothing where it is a folder.
  ///
  /// A link is followed, and objected to: then it is its owner, and whoever may write where it leads, who choose
  /// the file.
  public static func read(_ path: String, limits: Limits = Limits()) throws(Diagnostic) -> OwnedFile? {
    let whole = FilePath(path)
    guard let name = whole.lastComponent?.string else { return nil }
    let parent = whole.removingLastComponent().string
    let folder = try reading(path) { () throws(Errno) in try Folder(at: parent.isEmpty ? "." : parent) }
    let (descriptor, isLink) = try reading(path) { () throws(Errno) in try open(name, in: folder) }
    let file = OpenFile(adopting: descriptor)
    var status = stat()
    _ = try reading(path) { () throws(Errno) in try retrying { fstat(file.descriptor, &status) } }
    if status.st_mode & S_IFMT == S_IFDIR { return nil }
    let objection =
      isLink
      ? Objection(reason: "\(path) is a link", help: "name the file itself")
      : objection(to: status, path) ?? objection(toFolder: folder, parent, path)
    let source = try Source(of: FileDescriptor(rawValue: file.descriptor), name: path, limits: limits)
    return OwnedFile(source: source, objection: objection)
  }

  private static func reading<Value: ~Copyable>(
    _ path: String, _ work: () throws(Errno) -> Value
  ) throws(Diagnostic) -> Value {
    do { return try work() } catch {
      throw Diagnostic(code: "unreadable", "\(path) cannot be read: \(error.description)")
    }
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

  private static func objection(to status: stat, _ path: String) -> Objection? {
    guard status.st_mode & S_IFMT == S_IFREG else {
      return Objection(reason: "\(path) is no plain file", help: nil)
    }
    guard status.st_uid == 0 || status.st_uid == geteuid() else {
      return Objection(
        reason: "\(path) belongs to user \(status.st_uid), who is neither root nor runs pcipass",
        help: geteuid() == 0 ? "chown root \(shellWord(path))" : nil)
    }
    guard status.st_mode & 0o022 == 0 else {
      return Objection(
        reason: "others may write to \(path) (mode \(octal(status.st_mode)))",
        help: "chmod go-w \(shellWord(path))")
    }
    return nil
  }

  /// Who may write to the folder can put another file of the same owner there. Where the sticky bit is set (`/tmp`)
  /// they can do so with their own files only. Whose the folder is is not asked: to plan and apply by sudo in one's
  /// own is common.
  private static func objection(
    toFolder folder: borrowing Folder, _ parent: String, _ path: String
  ) -> Objection? {
    var status = stat()
    let name = parent.isEmpty ? "." : parent
    guard fstat(folder.descriptor, &status) == 0 else {
      return Objection(reason: "\(name): \(Errno(rawValue: errno).description)", help: nil)
    }
    let isOthers = status.st_mode & S_IWOTH != 0 || (status.st_mode & S_IWGRP != 0 && status.st_gid != 0)
    guard isOthers, status.st_mode & S_ISVTX == 0 else { return nil }
    return Objection(
      reason: "others may put another file in the place of \(path): they may write to its folder "
        + "(mode \(octal(status.st_mode)))",
      help: "chmod go-w \(shellWord(name))")
  }

  private static func octal(_ mode: mode_t) -> String {
    let text = String(mode & 0o7777, radix: 8)
    return String(repeating: "0", count: 4 - text.count) + text
  }
}
