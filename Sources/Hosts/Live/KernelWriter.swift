import CKernel
import Glibc
import Synchronization
import SystemPackage

/// Writes into the kernel's files from processes, which can be left behind with a write that never ends. Each write in
/// flight has a process of its own, so that one that hangs holds up no other. A process that has finished is kept for
/// the next write: starting one takes longer than most writes.
final class KernelWriter: Sendable {
  enum Outcome: Equatable {
    case done
    case failed(Errno)
    /// It goes on, and cannot be taken back.
    case unfinished
    /// There is no process to write with, or it was killed: the text may have been written or not.
    case lost(Errno)
  }

  private let idle = Mutex<[ckernel_writer]>([])
  private let lock: CInt?

  /// - Parameter lock: the descriptor of a lock, held as long as something is being written, whoever is killed.
  init(lock: CInt? = nil) { self.lock = lock }

  deinit { idle.withLock { $0.forEach { Self.stop($0, waits: true) } } }

  /// The ids of the processes that wait for a write.
  var idleProcesses: [CInt] { idle.withLock { $0.map(\.process) } }

  /// - Parameter deadline: how long the write may take from the moment on that its process has it.
  func write(_ text: String, to path: String, within deadline: Duration) -> Outcome {
    var process: ckernel_writer
    if let one = idle.withLock({ $0.popLast() }) {
      process = one
    } else {
      process = ckernel_writer()
      let error = ckernel_writer_start(&process, lock ?? -1)
      guard error == 0 else { return .lost(Errno(rawValue: error)) }
    }
    var error: CInt = 0
    switch ckernel_writer_write(&process, path, text, CInt(clamping: deadline.milliseconds), &error) {
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

  private static func stop(_ process: ckernel_writer, waits: Bool) {
    var process = process
    ckernel_writer_stop(&process, waits ? 1 : 0)
  }
}
