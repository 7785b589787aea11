import Glibc
import SystemPackage

/// An open file of any size.
public struct OpenFile: ~Copyable {
  public let descriptor: CInt

  @inlinable
  public init(adopting descriptor: CInt) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Returns the descriptor, which the caller must close.
  public consuming func take() -> CInt {
    let taken = descriptor
    discard self
    return taken
  }

  /// The first bytes of the file, at most `limit`. Later bytes are not read.
  @inlinable
  public borrowing func start(upTo limit: Int, _ scratch: Scratch) throws(Errno) -> Bytes {
    let limit = min(limit, scratch.capacity)
    var count = 0
    while count < limit {
      let more = try retrying { read(descriptor, scratch.start + count, limit - count) }
      if more == 0 { break }
      count += more
    }
    return scratch.bytes(0..<count)
  }

  /// Calls `visit` with each line without its end, until `visit` returns false. A line that does
  /// not fit into the scratch memory is skipped. More bytes than the limit are an error.
  @inlinable @inline(__always)
  public borrowing func lines(
    from offset: Int? = nil, upTo limit: Int, _ scratch: Scratch, _ visit: (Bytes) -> Bool
  ) throws(Errno) {
    var (kept, total, isSkipping) = (0, 0, false)
    if let offset { try retrying { lseek(descriptor, off_t(offset), SEEK_SET) } }
    while true {
      let count = try retrying { read(descriptor, scratch.start + kept, scratch.capacity - kept) }
      if count == 0 {
        if kept > 0, !isSkipping { _ = visit(scratch.bytes(0..<kept)) }
        return
      }
      total += count
      guard total <= limit else { throw .fileTooLarge }
      let end = kept + count
      var line = 0
      while let found = memchr(scratch.start + line, 0x0A, end - line) {
        let next = UnsafeRawPointer(found) - UnsafeRawPointer(scratch.start)
        if !isSkipping, !visit(scratch.bytes(line..<next)) { return }
        isSkipping = false
        line = next + 1
      }
      kept = end - line
      if kept == scratch.capacity {
        isSkipping = true
        kept = 0
      } else if line > 0 {
        memmove(scratch.start, scratch.start + line, kept)
      }
    }
  }
}
