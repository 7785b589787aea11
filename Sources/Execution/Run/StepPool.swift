import Documents
import Files
import Synchronization
import SystemPackage

/// Runs work that waits for the kernel, libvirt or a guest. One thread calls all methods.
public protocol StepPool: AnyObject {
  /// Begins work with a number that identifies it.
  func start(_ number: Int, _ work: @escaping @Sendable () -> Void)
  /// Waits until some work has ended, and returns its number. At least one must have been started.
  func next() -> Int
}

/// Runs work on the thread that starts it.
final class SerialPool: StepPool {
  private var ended: [Int] = []

  func start(_ number: Int, _ work: @escaping @Sendable () -> Void) {
    work()
    ended.append(number)
  }

  func next() -> Int { ended.removeFirst() }
}

/// Runs each piece of work on its own thread. The caller limits how many run at the same time.
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
    // If no thread can be started, the work is done on this one.
    if worker.isRunning { worker.leave() } else { worker.finish() }
  }

  func next() -> Int {
    while true {
      if let number = ended.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { return number }
      _ = signal.wait(until: .now + .seconds(3600))
    }
  }
}
