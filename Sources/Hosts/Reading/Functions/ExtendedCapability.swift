import Files
import Glibc
import SystemPackage

/// Finds a PCI Express extended capability in the configuration space of a function (PCI Express Base
/// Specification, section 7.6).
enum ExtendedCapability {
  /// The offset in bytes, or why there is none. `hidden` means that the kernel does not show extended
  /// configuration space.
  enum Location { case at(Int), none, hidden }

  private static let first = 0x100
  /// The largest possible number of capabilities. A longer chain is a loop.
  private static let maximumCount = (4096 - 0x100) / 8

  /// Finds the capability with this id. The result is `hidden` for callers without CAP_SYS_ADMIN, to whom the
  /// kernel shows the first 64 bytes only.
  static func find(_ id: UInt32, in config: borrowing OpenFile, _ scratch: Scratch) throws(Errno) -> Location
  {
    var offset = first
    for _ in 0..<maximumCount {
      guard let header = try config.word(offset, scratch) else { return offset == first ? .hidden : .none }
      guard header != 0, header != .max else { return .none }
      if header & 0xFFFF == id { return .at(offset) }
      offset = Int(header >> 20) & 0xFFC
      guard offset >= first else { return .none }
    }
    return .none
  }
}

extension OpenFile {
  /// Reads one little-endian 32-bit word; nil after the end of the file. Only the needed words are read,
  /// because configuration space is slow on real hardware.
  borrowing func word(_ offset: Int, _ scratch: Scratch) throws(Errno) -> UInt32? {
    let count = try retrying { pread(descriptor, scratch.start, 4, off_t(offset)) }
    guard count == 4 else { return nil }
    return (0..<4).reduce(0) { $0 | UInt32(scratch.start[$1]) << UInt32(8 * $1) }
  }
}
