/// Memory that all reads of one pass share, so that they do not allocate.
public final class Scratch {
  public let start: UnsafeMutablePointer<UInt8>
  public let capacity: Int

  public init(capacity: Int) {
    self.capacity = capacity
    start = .allocate(capacity: capacity)
  }

  deinit { start.deallocate() }

  @inlinable
  public func bytes(_ range: Range<Int>) -> Bytes {
    Bytes(start: start + range.lowerBound, count: range.count)
  }
}
