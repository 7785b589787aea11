import Glibc
import SystemPackage

/// flock(2) on an open file. The lock belongs to the open file description, so processes that
/// inherit the descriptor hold it too.
public final class FileLock: Sendable {
  public let file: FileDescriptor

  /// Takes ownership of the file, and closes it on deinit.
  public init(_ file: FileDescriptor) { self.file = file }

  deinit { try? file.close() }

  /// Takes the lock.
  ///
  /// - Parameter time: how long to wait for another holder.
  /// - Throws: `.wouldBlock` if another open file description still holds the lock after that time.
  public func take(within time: Duration) throws(Errno) {
    let result = repeated(for: time) { () -> Result<Void, Errno>? in
      if flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 { return .success(()) }
      let error = Errno(rawValue: errno)
      return error == .wouldBlock || error == .interrupted ? nil : .failure(error)
    }
    guard let result else { throw .wouldBlock }
    try result.get()
  }

  /// Releases the lock for all processes that inherited the descriptor.
  public func release() { _ = flock(file.rawValue, LOCK_UN) }

  /// Whether another open file description holds the lock. If none does, this one holds a shared
  /// lock afterwards.
  public var isHeldByAnother: Bool {
    flock(file.rawValue, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }
}
