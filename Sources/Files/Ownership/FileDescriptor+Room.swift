import CKernel
import Glibc
import SystemPackage

extension FileDescriptor {
  /// Cuts off what follows that length, durably. Room that was reserved behind the end stays where nothing follows.
  public func cut(to length: Int) throws(Errno) {
    if try Stat(self).size == length { return }
    try retrying { ftruncate(rawValue, off_t(length)) }
    try retrying { fsync(rawValue) }
  }

  /// Reserves so many bytes on the disk behind that length, and leaves the file as long as it is (fallocate(2)). Where the
  /// file system cannot do that, nothing is done.
  public func reserve(_ count: Int, behind length: Int) throws(Errno) {
    let error = ckernel_reserve(rawValue, off_t(length), off_t(count))
    guard error != ENOSPC, error != EDQUOT else { throw Errno(rawValue: error) }
  }
}
