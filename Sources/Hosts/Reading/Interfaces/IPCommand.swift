import Documents
import Glibc
import SystemPackage

/// `ip -details -json address show` of this host, or what was captured of it on another.
enum IPCommand {
  static let capture = "ip-address.json"
  private static let places = ["/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip", "/bin/ip"]
  private static let arguments = ["-details", "-json", "address", "show"]
  private static let limit = 32 << 20

  static func addresses(_ tree: borrowing Tree, _ scratch: Scratch) throws(NoAnswer) -> InterfaceAddresses {
    let source = tree.isLive ? try live() : try captured(tree, scratch)
    do { return try InterfaceAddresses(source) } catch {
      throw NoAnswer(reason: (error.place?.description ?? source.name) + ": " + error.message)
    }
  }

  private static func live() throws(NoAnswer) -> Source {
    let name = (["ip"] + arguments).joined(separator: " ")
    for path in places where access(path, X_OK) == 0 {
      do {
        return Source(
          name: name, text: try Command.output(path, arguments, upTo: limit, within: .seconds(5)))
      } catch { throw NoAnswer(reason: name + ": " + error.reason) }
    }
    throw NoAnswer(reason: "the command ip (iproute2) is not installed")
  }

  private static func captured(_ tree: borrowing Tree, _ scratch: Scratch) throws(NoAnswer) -> Source {
    let name = tree.name(of: capture)
    do {
      return Source(name: name, text: try tree.file(capture).contents(upTo: limit, scratch))
    } catch {
      let hint =
        error == .noSuchFileOrDirectory ? " (the output of: ip \(arguments.joined(separator: " ")))" : ""
      throw NoAnswer(reason: name + ": " + error.description + hint)
    }
  }
}
