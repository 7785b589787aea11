import Glibc
import HostModel

/// The user that runs pcipass, as the journal names it.
enum Caller {
  static var name: String {
    let user = getuid()
    let own = user == 0 ? "root" : "user \(user)"
    // The name is not verified, because it is only shown and because a caller that is root can do
    // everything anyway.
    guard user == 0, let text = getenv("SUDO_USER").map({ String(cString: $0) }),
      isName(text, "._-", upTo: 64),
      text != own
    else { return own }
    return "\(text) (sudo)"
  }
}
