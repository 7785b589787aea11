import Hosts
import Synchronization

/// Passes on what is written into the kernel and which programs are run, once there is a listener.
final class TraceLine: Sendable {
  private let listener = Mutex<LiveHost.Trace?>(nil)

  func setListener(_ listener: @escaping LiveHost.Trace) { self.listener.withLock { $0 = listener } }

  func send(_ step: String, _ words: String) { listener.withLock { $0 }?(step, words) }
}
