import Glibc

/// A value with a mutex and a condition variable: threads can wait until the value meets a condition.
///
/// `@unchecked Sendable`: only the thread that holds the mutex accesses the value.
public final class ConditionLock<Value: Sendable>: @unchecked Sendable {
  private var value: Value
  private var waiters = 0
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  public init(_ value: Value) {
    self.value = value
    mutex.initialize(to: pthread_mutex_t())
    changed.initialize(to: pthread_cond_t())
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(changed, nil)
  }

  deinit {
    pthread_cond_destroy(changed)
    pthread_mutex_destroy(mutex)
    changed.deallocate()
    mutex.deallocate()
  }

  /// Calls the body with exclusive access to the value, then wakes the waiting threads.
  public func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer {
      pthread_cond_broadcast(changed)
      pthread_mutex_unlock(mutex)
    }
    return body(&value)
  }

  /// Waits until the body returns a result. The body is called at once, and again after each `withLock`.
  public func wait<Result>(_ body: (inout Value) -> Result?) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while true {
      if let result = body(&value) { return result }
      waiters += 1
      pthread_cond_wait(changed, mutex)
      waiters -= 1
    }
  }

  /// The number of waiting threads.
  public var waiting: Int {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return waiters
  }
}
