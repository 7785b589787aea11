import CKernel
import Glibc
import Synchronization
import SystemPackage

/// Writes into the kernel's files from a process of its own, which can be left behind with a write that never ends.
/// One process serves all writes: making one takes longer than most of them.
final class KernelWriter: Sendable {
  enum Outcome: Equatable {
    case done
    case failed(Errno)
    /// It goes on, and cannot be taken back.
    case unfinished
    /// There is no process to write with, or it was killed: the text may have been written or not.
    case lost(Errno)
  }

  private let writer = Mutex<ckernel_writer?>(nil)
  private let lock: CInt?

  /// - Parameter lock: the descriptor of a lock, held as long as something is being written, whoever is killed.
  init(lock: CInt? = nil) { self.lock = lock }

  deinit { writer.withLock { Self.stop(&$0, waits: false) } }

  func write(_ text: String, to path: String, within deadline: Duration) -> Outcome {
    writer.withLock { writer in
      var process = writer ?? ckernel_writer()
      if writer == nil {
        let error = ckernel_writer_start(&process, lock ?? -1)
        guard error == 0 else { return .lost(Errno(rawValue: error)) }
        writer = process
      }
      var error: CInt = 0
      switch ckernel_writer_write(&process, path, text, CInt(clamping: deadline.milliseconds), &error) {
      case 0: return error == 0 ? .done : .failed(Errno(rawValue: error))
      case 1:
        Self.stop(&writer, waits: false)
        return .unfinished
      default:
        Self.stop(&writer, waits: true)
        return .lost(.interrupted)
      }
    }
  }

  private static func stop(_ writer: inout ckernel_writer?, waits: Bool) {
    guard var process = writer else { return }
    ckernel_writer_stop(&process, waits ? 1 : 0)
    writer = nil
  }
}
