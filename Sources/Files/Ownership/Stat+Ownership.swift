import Glibc
import SystemPackage

extension Stat {
  /// Whether root or the user who runs pcipass owns the file.
  var isOwnedByRootOrUser: Bool { userID.rawValue == 0 || userID.rawValue == geteuid() }

  var isWritableByOthers: Bool { !permissions.isDisjoint(with: [.groupWrite, .otherWrite]) }

  /// Whether users other than the owner and root can replace files in this folder. In a folder with
  /// the sticky bit (`/tmp`) they can replace only their own files.
  public var isOpenToOthers: Bool { groupMayReplace || othersMayReplace }

  /// Whether a group other than the group of root can replace files in this folder.
  public var groupMayReplace: Bool {
    !permissions.contains(.saveText) && permissions.contains(.groupWrite) && groupID.rawValue != 0
  }

  public var othersMayReplace: Bool {
    !permissions.contains(.saveText) && permissions.contains(.otherWrite)
  }

  /// The permissions as four octal digits: `0644`.
  var octalPermissions: String {
    let text = String(permissions.rawValue, radix: 8)
    return String(repeating: "0", count: 4 - text.count) + text
  }
}
