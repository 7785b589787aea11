import Files
import Glibc
import SystemPackage

/// Where in a function's configuration space one of its PCI Express capabilities is.
enum ExtendedCapability {
  enum Place { case at(Int), none, hidden }

  private static let first = 0x100
  /// The most that fit: a chain that is longer goes round.
  private static let most = (4096 - 0x100) / 8

  /// `hidden` where the kernel does not show that far, as to others than root.
  static func find(_ id: UInt32, in config: borrowing OpenFile, _ scratch: Scratch) throws(Errno) -> Place {
    var offset = first
    for _ in 0..<most {
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
  /// Word by word: on real hardware reading configuration space is slow.
  borrowing func word(_ offset: Int, _ scratch: Scratch) throws(Errno) -> UInt32? {
    let count = try retrying { pread(descriptor, scratch.start, 4, off_t(offset)) }
    guard count == 4 else { return nil }
    return (0..<4).reduce(0) { $0 | UInt32(scratch.start[$1]) << UInt32(8 * $1) }
  }
}
