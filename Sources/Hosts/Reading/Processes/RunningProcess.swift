import CKernel
import Files
import Glibc
import HostModel
import SystemPackage

/// The boot of the machine that pcipass runs on.
public enum Boot {
  /// /proc/sys/kernel/random/boot_id
  public static let id = ProcessIdentity.own?.boot
}

extension ProcessIdentity {
  /// This process; nil where there is no /proc.
  public static let own = ProcessIdentity(of: Int(getpid()))
}

/// A process that may be killed, and no other that has its number later.
public final class RunningProcess: Sendable {
  public enum State: Sendable { case running, stopped, gone }

  private let identity: ProcessIdentity
  /// pidfd_open(2); nil on a kernel before 5.3, where between the look and the signal there is a moment.
  private let file: FileDescriptor?

  /// Nil where it has ended.
  public init?(_ identity: ProcessIdentity) {
    let descriptor = ckernel_process_open(CInt(clamping: identity.number))
    guard descriptor >= 0 || errno == ENOSYS else { return nil }
    file = descriptor < 0 ? nil : FileDescriptor(rawValue: descriptor)
    self.identity = identity
    // Compared now that the number cannot change hands.
    guard isItself, state != .gone else { return nil }
  }

  deinit { try? file?.close() }

  private var isItself: Bool { ProcessIdentity(of: identity.number) == identity }

  public var state: State { isItself ? Self.state(of: identity.number) : .gone }

  /// - Throws: where it could not be sent the signal.
  public func kill() throws(Errno) {
    guard let file else {
      guard isItself else { return }
      try retrying { Glibc.kill(pid_t(identity.number), SIGKILL) }
      return
    }
    let error = ckernel_process_kill(file.rawValue)
    guard error == 0 || error == ESRCH else { throw Errno(rawValue: error) }
  }

  /// What /proc/PID/stat says. A zombie has ended.
  public static func state(of process: Int) -> State {
    let scratch = Scratch(capacity: 8192)
    return withExtendedLifetime(scratch) {
      guard let tree = try? Tree("/"),
        let stat = try? tree.file("proc/\(process)/stat").start(upTo: 4096, scratch),
        let close = stat.lastIndex(of: UInt8(ascii: ")"))
      else { return .gone }
      return switch stat.dropping(close + 1).fields.first?.text {
      case "T", "t": .stopped
      case nil, "Z", "X", "x": .gone
      default: .running
      }
    }
  }

  /// The other processes that have the file of an own descriptor open.
  public static func others(havingOpen descriptor: CInt) -> [Int] {
    others(having: descriptor) { _, _, _ in true }
  }

  /// Those of them that have flock(2) on it, also by an opening of the file that another process gave them.
  public static func others(havingLocked descriptor: CInt) -> [Int] {
    let scratch = Scratch(capacity: 8192)
    return others(having: descriptor) { tree, process, file in
      let text = try? tree.file("proc/\(process)/fdinfo/\(file)").start(upTo: 8000, scratch).text
      return text?.contains("FLOCK") ?? false
    }
  }

  /// Names of open files are compared: asking about the files may hang, where one is on a server that does not answer.
  private static func others(
    having descriptor: CInt, _ isMeant: (borrowing Tree, Int, String) -> Bool
  ) -> [Int] {
    let scratch = Scratch(capacity: 8192)
    guard let tree = try? Tree("/"),
      let own = try? Folder(at: "/proc/self/fd").link("\(descriptor)", scratch).text,
      let processes = try? Folder(at: "/proc").processes()
    else { return [] }
    return processes.filter { process in
      guard process != Int(getpid()), let files = try? Folder(at: "/proc/\(process)/fd"),
        let names = try? files.names()
      else { return false }
      return names.contains { (try? files.link($0, scratch).text) == own && isMeant(tree, process, $0) }
    }
  }
}
