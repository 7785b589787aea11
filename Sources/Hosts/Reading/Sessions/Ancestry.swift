import Files
import SystemPackage

/// A process and its ancestors, the nearest first.
struct Ancestry {
  struct Process: Equatable {
    var number: Int
    var command: String
    var parent: Int
  }

  private(set) var processes: [Process] = []
  /// Why ancestors may be missing; nil if none are.
  private(set) var problem: String?

  /// - Parameter process: a process id, or `self`.
  init(of process: String, _ tree: borrowing Tree, _ scratch: Scratch) {
    var (next, seen) = (process, Set<Int>())
    while next != "0" {
      let file = "proc/\(next)/stat"
      do {
        guard let found = Process(stat: try tree.file(file).start(upTo: 4096, scratch)) else {
          problem = tree.name(of: file) + " is invalid"
          return
        }
        // A live `/proc` has no cycles and no such depth; a captured tree may.
        guard seen.insert(found.number).inserted, seen.count <= 4096 else {
          problem = tree.name(of: file) + ": its chain of parent processes does not end"
          return
        }
        processes.append(found)
        next = String(found.parent)
      } catch {
        problem = tree.name(of: file) + ": " + error.description
        return
      }
    }
  }
}

extension Ancestry.Process {
  /// Parses `/proc/PID/stat` (proc_pid_stat(5)): `812 (sshd-session) S 790 …`. The name may contain spaces
  /// and brackets.
  init?(stat bytes: Bytes) {
    guard let open = bytes.index(of: UInt8(ascii: "(")),
      let close = bytes.lastIndex(of: UInt8(ascii: ")")), open > 0, close > open,
      let number = Bytes(rebasing: bytes[..<(open - 1)]).decimal
    else { return nil }
    var rest = bytes.dropping(close + 2)
    let state = Bytes.cut(&rest, at: UInt8(ascii: " "))
    guard state.count == 1, let parent = Bytes.cut(&rest, at: UInt8(ascii: " ")).decimal else { return nil }
    self.init(number: number, command: Bytes(rebasing: bytes[(open + 1)..<close]).text, parent: parent)
  }

  /// Whether it is a process of OpenSSH (`sshd`, and since 9.8 `sshd-session` and `sshd-auth`) or dropbear.
  var isSSHDaemon: Bool { command.hasPrefix("sshd") || command.hasPrefix("dropbear") }
}
