import Hosts
import Synchronization

/// Forwards reports of kernel writes and executed programs to a listener, if one is set.
final class TraceLine: Sendable {
  private let listener = Mutex<LiveHost.Trace?>(nil)

  func setListener(_ listener: @escaping LiveHost.Trace) { self.listener.withLock { $0 = listener } }

  func send(_ step: String, _ words: String) { listener.withLock { $0 }?(step, words) }
}
