import Glibc

/// A thread that does one piece of work. If no thread can be started, `finish` does the work.
public final class Worker {
  private let work: @Sendable () -> Void
  private var handle: pthread_t?

  public init(_ work: @escaping @Sendable () -> Void) {
    self.work = work
    var handle = pthread_t()
    let box = Unmanaged.passRetained(Body(work))
    let code = pthread_create(
      &handle, nil,
      { argument in
        if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
        return nil
      }, box.toOpaque())
    if code == 0 { self.handle = handle } else { box.release() }
  }

  /// Whether the thread was started.
  public var isRunning: Bool { handle != nil }

  /// Waits until the work is done.
  public func finish() {
    if let handle { pthread_join(handle, nil) } else { work() }
  }

  /// Detaches the thread. `finish` must not be called afterwards.
  public func leave() {
    if let handle { pthread_detach(handle) }
  }

  private final class Body {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
}
