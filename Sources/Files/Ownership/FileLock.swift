import Glibc
import SystemPackage

/// flock(2) on an open file. The lock is held by the opening of the file: processes that were given the descriptor keep it,
/// too.
public final class FileLock: Sendable {
  public let file: FileDescriptor

  /// The file is closed at the end.
  public init(_ file: FileDescriptor) { self.file = file }

  deinit { try? file.close() }

  /// Takes the lock.
  ///
  /// - Parameter time: how long to wait for another holder.
  /// - Throws: `.wouldBlock` where another opening of the file still holds it then.
  public func take(within time: Duration) throws(Errno) {
    let result = repeated(for: time) { () -> Result<Void, Errno>? in
      if flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 { return .success(()) }
      let error = Errno(rawValue: errno)
      return error == .wouldBlock || error == .interrupted ? nil : .failure(error)
    }
    guard let result else { throw .wouldBlock }
    try result.get()
  }

  /// Releases the lock in all processes that were given the descriptor.
  public func release() { _ = flock(file.rawValue, LOCK_UN) }

  /// Whether another opening of the file holds the lock. Where none does, this one shares it from now on.
  public var isHeldByAnother: Bool {
    flock(file.rawValue, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }
}
