import Glibc
import HostModel

/// Who runs pcipass, for the journal.
enum Caller {
  static var name: String {
    let user = getuid()
    let own = user == 0 ? "root" : "user \(user)"
    // Only told; whoever may set it may do all that sudo may.
    guard user == 0, let text = getenv("SUDO_USER").map({ String(cString: $0) }),
      isName(text, "._-", upTo: 64),
      text != own
    else { return own }
    return "\(text) (sudo)"
  }
}
