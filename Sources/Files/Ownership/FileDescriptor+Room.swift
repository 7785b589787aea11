import CKernel
import Glibc
import SystemPackage

extension FileDescriptor {
  /// Truncates the file to the length and flushes it. If the file has that length already, space
  /// that was reserved beyond its end stays reserved.
  public func cut(to length: Int) throws(Errno) {
    if try Stat(self).size == length { return }
    try retrying { ftruncate(rawValue, off_t(length)) }
    try retrying { fsync(rawValue) }
  }

  /// Reserves `count` bytes of disk space after `length`, without changing the size of the file
  /// (fallocate(2)). Does nothing if the file system does not support that.
  public func reserve(_ count: Int, behind length: Int) throws(Errno) {
    let error = ckernel_reserve(rawValue, off_t(length), off_t(count))
    guard error != ENOSPC, error != EDQUOT else { throw Errno(rawValue: error) }
  }
}
