import CKernel
import Files
import Glibc
import HostModel
import SystemPackage

/// The current boot of this machine.
public enum Boot {
  /// The id of the boot (`/proc/sys/kernel/random/boot_id`); nil without `/proc`.
  public static let id = ProcessIdentity.own?.boot
}

extension ProcessIdentity {
  /// The identity of this process; nil without `/proc`.
  public static let own = ProcessIdentity(of: Int(getpid()))
}

/// A process that can be killed safely: since Linux 5.3 the signal cannot reach another process that got the
/// same id later.
public final class RunningProcess: Sendable {
  /// Whether the process runs, is stopped by a signal, or has ended.
  public enum ProcessState: Sendable { case running, stopped, gone }

  private let identity: ProcessIdentity
  /// The descriptor of pidfd_open(2). Nil on kernels before 5.3; there the id may be reused between the check
  /// and the signal.
  private let file: FileDescriptor?

  /// Nil if the process has ended, or if the id belongs to another process.
  public init?(_ identity: ProcessIdentity) {
    let descriptor = ckernel_process_open(CInt(clamping: identity.number))
    guard descriptor >= 0 || errno == ENOSYS else { return nil }
    file = descriptor < 0 ? nil : FileDescriptor(rawValue: descriptor)
    self.identity = identity
    // The identity is compared after the descriptor is open, because from then on the descriptor cannot refer
    // to another process.
    guard isItself, state != .gone else { return nil }
  }

  deinit { try? file?.close() }

  private var isItself: Bool { ProcessIdentity(of: identity.number) == identity }

  public var state: ProcessState { isItself ? Self.state(of: identity.number) : .gone }

  /// Sends SIGKILL. A process that has already ended is not an error.
  ///
  /// - Throws: if the signal cannot be sent.
  public func kill() throws(Errno) {
    guard let file else {
      guard isItself else { return }
      try retrying { Glibc.kill(pid_t(identity.number), SIGKILL) }
      return
    }
    let error = ckernel_process_kill(file.rawValue)
    guard error == 0 || error == ESRCH else { throw Errno(rawValue: error) }
  }

  /// The state in `/proc/PID/stat` (proc_pid_stat(5)). A zombie has ended.
  public static func state(of process: Int) -> ProcessState {
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

  /// The ids of other processes that have the same file open as this descriptor of the current
  /// process.
  public static func others(havingOpen descriptor: CInt) -> [Int] {
    others(having: descriptor) { _, _, _ in true }
  }

  /// The ids of other processes that hold a flock(2) on that file, also through a descriptor that they
  /// inherited.
  public static func others(havingLocked descriptor: CInt) -> [Int] {
    let scratch = Scratch(capacity: 8192)
    return others(having: descriptor) { tree, process, file in
      let text = try? tree.file("proc/\(process)/fdinfo/\(file)").start(upTo: 8000, scratch).text
      return text?.contains("FLOCK") ?? false
    }
  }

  /// The targets of the links in `/proc/PID/fd` are compared, because stat(2) on an open file may block, such
  /// as on a network mount whose server does not answer.
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
