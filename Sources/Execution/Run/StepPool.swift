import Documents
import Files
import Synchronization
import SystemPackage

/// Does pieces of work that wait for others, and says which has ended. All of it is called by one thread.
public protocol StepPool: AnyObject {
  /// Begins a piece of work.
  func start(_ number: Int, _ work: @escaping @Sendable () -> Void)
  /// Waits until a piece has ended, and returns its number. There is one that was started.
  func next() -> Int
}

/// One piece after another, on the thread that starts them.
final class SerialPool: StepPool {
  private var ended: [Int] = []

  func start(_ number: Int, _ work: @escaping @Sendable () -> Void) {
    work()
    ended.append(number)
  }

  func next() -> Int { ended.removeFirst() }
}

/// Each piece on a thread of its own. How many there are at a time is for who starts them.
final class ThreadPool: StepPool, Sendable {
  private let ended = Mutex<[Int]>([])
  private let signal: Wakeup

  init() throws(Errno) { signal = try Wakeup() }

  func start(_ number: Int, _ work: @escaping @Sendable () -> Void) {
    let worker = Worker { [self] in
      work()
      ended.withLock { $0.append(number) }
      signal.raise()
    }
    // Without a thread it is done here.
    if worker.isRunning { worker.leave() } else { worker.finish() }
  }

  func next() -> Int {
    while true {
      if let number = ended.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { return number }
      _ = signal.wait(until: .now + .seconds(3600))
    }
  }
}
