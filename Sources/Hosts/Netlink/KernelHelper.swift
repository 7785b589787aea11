import CKernel
import Files
import Glibc
import Synchronization
import SystemPackage

/// Runs in helper processes what can block in the kernel for ever: writes to sysfs files, netlink(7) requests
/// and entering network namespaces. A process that blocks is abandoned.
///
/// Each request in flight has a separate process, so a blocked request does not delay others. An
/// idle process is kept for the next request, because starting one takes longer than most requests.
final class KernelHelper: Sendable {
  /// The outcome of a write.
  enum WriteResult: Equatable {
    case done
    /// The write ended with an error.
    case failed(Errno)
    /// The write has not ended within the deadline. It continues in the abandoned process and may
    /// still take effect.
    case timedOut
    /// No helper process could be started, or it was killed. In the second case the text may have been
    /// written.
    case lost(Errno)
  }

  private let idle = Mutex<[ckernel_helper]>([])
  private let lock: CInt?

  /// - Parameter lock: the descriptor of the apply lock. Each helper process keeps it open, so that the lock
  ///   stays held until a blocked write ends, even if pcipass is killed.
  init(lock: CInt? = nil) { self.lock = lock }

  deinit { idle.withLock { $0.forEach { Self.stop($0, waits: true) } } }

  /// The process ids of the idle helper processes, for tests.
  var idleProcesses: [CInt] { idle.withLock { $0.map(\.process) } }

  /// Writes a text to a file.
  ///
  /// - Parameter deadline: the time for the write, counted from when the helper process has the request.
  func write(_ text: String, to path: String, within deadline: Duration) -> WriteResult {
    var process: ckernel_helper
    do { process = try next() } catch { return .lost(error) }
    var error: CInt = 0
    switch ckernel_helper_write(&process, path, text, CInt(clamping: deadline.milliseconds), &error) {
    case 0:
      idle.withLock { [process] in $0.append(process) }
      return error == 0 ? .done : .failed(Errno(rawValue: error))
    case 1:
      Self.stop(process, waits: false)
      return .timedOut
    default:
      Self.stop(process, waits: true)
      return .lost(.interrupted)
    }
  }

  /// Sends a question and calls `visit` with each piece of the answer: a netlink datagram, or a part of the
  /// file.
  ///
  /// - Parameter deadline: the time for each piece.
  /// - Throws: `.failed` with the error of the kernel, `.timedOut` if a piece does not arrive in
  ///   time, `.died` if there is no helper process.
  func ask(
    _ question: HelperRequest, within deadline: Duration, _ visit: (Bytes) -> Void
  ) throws(HelperError) {
    var process: ckernel_helper
    do { process = try next() } catch { throw .died(error) }
    let problem = question.send(to: &process)
    guard problem == 0 else {
      Self.stop(process, waits: true)
      throw .died(Errno(rawValue: problem))
    }
    let scratch = Scratch(capacity: Int(CKERNEL_LARGEST))
    let milliseconds = CInt(clamping: deadline.milliseconds)
    while true {
      var (length, error): (CUnsignedInt, CInt) = (0, 0)
      switch ckernel_helper_next(&process, scratch.start, &length, milliseconds, &error) {
      case 0: visit(scratch.bytes(0..<Int(length)))
      case 1:
        idle.withLock { [process] in $0.append(process) }
        guard error == 0 else { throw .failed(Errno(rawValue: error)) }
        return
      case 2:
        Self.stop(process, waits: false)
        throw .timedOut
      default:
        Self.stop(process, waits: true)
        throw .died(.interrupted)
      }
    }
  }

  private func next() throws(Errno) -> ckernel_helper {
    if let one = idle.withLock({ $0.popLast() }) { return one }
    var process = ckernel_helper()
    let error = ckernel_helper_start(&process, lock ?? -1)
    guard error == 0 else { throw Errno(rawValue: error) }
    return process
  }

  private static func stop(_ process: ckernel_helper, waits: Bool) {
    var process = process
    ckernel_helper_stop(&process, waits ? 1 : 0)
  }
}

/// The reason why a helper process has no answer.
enum HelperError: Error, Equatable {
  /// The namespace or the file could not be opened, or a system call failed.
  case failed(Errno)
  /// No answer within the deadline. The process may still be working on the request.
  case timedOut
  /// The process could not be started, or it was killed.
  case died(Errno)
}

/// A question that a helper process answers in a network namespace.
struct HelperRequest {
  /// What the answer is read from.
  enum Query {
    /// The content of a file.
    case file(String)
    /// A message of a netlink protocol. With `isStrict` the kernel filters a dump by the attributes of the
    /// message, or rejects them (NETLINK_GET_STRICT_CHK, Linux 4.20).
    case netlink(protocol: CInt, message: [UInt8], isStrict: Bool)
  }

  var subject: Query
  /// The network namespace; nil for that of pcipass itself.
  var namespace: NamespaceFile?
  /// A second namespace, whose descriptor the helper process writes into the message at this offset.
  var other: (namespace: NamespaceFile, offset: Int)?

  fileprivate func send(to process: inout ckernel_helper) -> CInt {
    var file: String?
    var message: [UInt8] = []
    var question = ckernel_query()
    switch subject {
    case .file(let path): file = path
    case .netlink(let `protocol`, let bytes, let isStrict):
      message = bytes
      question.protocol = `protocol`
      question.is_strict = isStrict ? 1 : 0
    }
    question.other_offset = CUnsignedInt(other?.offset ?? 0)
    question.at.number = namespace?.number ?? 0
    question.other.number = other?.namespace.number ?? 0
    return withPointer(to: file) { file in
      withPointer(to: namespace?.path) { at in
        withPointer(to: other?.namespace.path) { other in
          message.withUnsafeBytes { message in
            question.file = file
            question.at.path = at
            question.other.path = other
            question.message = message.baseAddress
            question.length = CUnsignedInt(message.count)
            return ckernel_helper_send(&process, &question)
          }
        }
      }
    }
  }
}

private func withPointer<Result>(to text: String?, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
  text.map { $0.withCString { body($0) } } ?? body(nil)
}

/// A file through which a network namespace is entered: `/proc/PID/ns/net`, a mount of nsfs, or an open file.
struct NamespaceFile: Hashable, Sendable {
  var path: String
  /// The inode number of the file (st_ino), which identifies the namespace.
  var number: UInt64
}
