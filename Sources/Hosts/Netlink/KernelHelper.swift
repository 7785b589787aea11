import CKernel
import Files
import Glibc
import Synchronization
import SystemPackage

/// Has done in other processes what can hang in the kernel for ever: writing into its files, talking over netlink(7), and
/// entering network namespaces. Such a process can be left behind. Each request in flight has a process of its own, so that
/// one that hangs holds up no other. A process that has finished is kept for the next request: starting one takes longer
/// than most requests.
final class KernelHelper: Sendable {
  enum Outcome: Equatable {
    case done
    case failed(Errno)
    /// It goes on, and cannot be undone.
    case unfinished
    /// There is no process to write with, or it was killed: the text may have been written or not.
    case lost(Errno)
  }

  private let idle = Mutex<[ckernel_helper]>([])
  private let lock: CInt?

  /// - Parameter lock: the descriptor of a lock, held as long as a process is at work, also where pcipass is killed.
  init(lock: CInt? = nil) { self.lock = lock }

  deinit { idle.withLock { $0.forEach { Self.stop($0, waits: true) } } }

  /// The ids of the processes that wait for a request.
  var idleProcesses: [CInt] { idle.withLock { $0.map(\.process) } }

  /// - Parameter deadline: how long the write may take from the moment on that its process has it.
  func write(_ text: String, to path: String, within deadline: Duration) -> Outcome {
    var process: ckernel_helper
    do { process = try next() } catch { return .lost(error) }
    var error: CInt = 0
    switch ckernel_helper_write(&process, path, text, CInt(clamping: deadline.milliseconds), &error) {
    case 0:
      idle.withLock { [process] in $0.append(process) }
      return error == 0 ? .done : .failed(Errno(rawValue: error))
    case 1:
      Self.stop(process, waits: false)
      return .unfinished
    default:
      Self.stop(process, waits: true)
      return .lost(.interrupted)
    }
  }

  /// Asks in a network namespace, and calls with each piece of the answer.
  ///
  /// - Parameter deadline: how long each piece may take.
  func ask(
    _ question: HelperQuestion, within deadline: Duration, _ visit: (Bytes) -> Void
  ) throws(HelperFailure) {
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
        throw .late
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

/// Why a helper has no answer.
enum HelperFailure: Error, Equatable {
  case failed(Errno)
  /// It may still be at work.
  case late
  case died(Errno)
}

/// What a helper is asked in a network namespace.
struct HelperQuestion {
  enum Subject {
    /// All of a file.
    case file(String)
    /// The kernel, by a message of a netlink protocol.
    case netlink(protocol: CInt, message: [UInt8], isStrict: Bool)
  }

  var subject: Subject
  /// Nil is the own one.
  var namespace: NamespaceFile?
  /// Another namespace, of which the message has the descriptor.
  var other: (namespace: NamespaceFile, offset: Int)?

  fileprivate func send(to process: inout ckernel_helper) -> CInt {
    var file: String?
    var message: [UInt8] = []
    var question = ckernel_question()
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
            return ckernel_helper_ask(&process, &question)
          }
        }
      }
    }
  }
}

private func withPointer<Result>(to text: String?, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
  text.map { $0.withCString { body($0) } } ?? body(nil)
}

/// The file by which a network namespace is entered.
struct NamespaceFile: Hashable, Sendable {
  var path: String
  /// Of the file (st_ino): what says which namespace it is.
  var number: UInt64
}
