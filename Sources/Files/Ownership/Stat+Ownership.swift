import Glibc
import SystemPackage

extension Stat {
  /// Whether root or the user that runs pcipass owns it.
  var isOwnedByRootOrUser: Bool { userID.rawValue == 0 || userID.rawValue == geteuid() }

  var isWritableByOthers: Bool { !permissions.isDisjoint(with: [.groupWrite, .otherWrite]) }

  /// Whether users other than the owner and root may put another file in the place of one in this folder. Where the sticky
  /// bit is set (`/tmp`) they can do so with their own files only.
  public var isOpenToOthers: Bool { groupMayReplace || othersMayReplace }

  /// By the write permission of a group that is not root's.
  public var groupMayReplace: Bool {
    !permissions.contains(.saveText) && permissions.contains(.groupWrite) && groupID.rawValue != 0
  }

  public var othersMayReplace: Bool {
    !permissions.contains(.saveText) && permissions.contains(.otherWrite)
  }

  /// `0644`
  var octalPermissions: String {
    let text = String(permissions.rawValue, radix: 8)
    return String(repeating: "0", count: 4 - text.count) + text
  }
}
