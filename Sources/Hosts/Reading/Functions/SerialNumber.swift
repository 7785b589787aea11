import Glibc
import SystemPackage

/// The PCIe Device Serial Number, from a function's configuration space.
enum SerialNumber {
  private static let capability: UInt32 = 0x0003
  /// The first extended capability; what lies before it says nothing of serial numbers.
  private static let first = 0x100
  /// The most capabilities that fit: a chain that is longer goes round.
  private static let most = (4096 - 0x100) / 8

  /// Nil where there is none. Without root the kernel shows 64 bytes only, which is not worth a word.
  static func read(in folder: borrowing Folder, _ scratch: Scratch, _ problems: inout Problems) -> String? {
    do {
      let descriptor = try retrying { openat(folder.descriptor, "config", Flags.file | O_NOFOLLOW) }
      return try read(OpenFile(adopting: descriptor), scratch)
    } catch {
      if error != .noSuchFileOrDirectory { problems.add("config", error) }
      return nil
    }
  }

  /// Word by word: on real hardware reading configuration space is slow.
  private static func read(_ config: consuming OpenFile, _ scratch: Scratch) throws(Errno) -> String? {
    var offset = first
    for _ in 0..<most {
      guard let header = try word(config, offset, scratch), header != 0, header != .max else { return nil }
      if header & 0xFFFF == capability {
        guard let low = try word(config, offset + 4, scratch),
          let high = try word(config, offset + 8, scratch)
        else { return nil }
        return text(high: high, low: low)
      }
      offset = Int(header >> 20) & 0xFFC
      guard offset >= first else { return nil }
    }
    return nil
  }

  private static func word(
    _ config: borrowing OpenFile, _ offset: Int, _ scratch: Scratch
  ) throws(Errno) -> UInt32? {
    let count = try retrying { pread(config.descriptor, scratch.start, 4, off_t(offset)) }
    guard count == 4 else { return nil }
    return (0..<4).reduce(0) { $0 | UInt32(scratch.start[$1]) << UInt32(8 * $1) }
  }

  /// As lspci prints it: most significant byte first.
  private static func text(high: UInt32, low: UInt32) -> String? {
    let value = UInt64(high) << 32 | UInt64(low)
    guard value != 0, value != .max else { return nil }
    let digits = Array("0123456789abcdef".utf8)
    var bytes: [UInt8] = []
    for shift in stride(from: 56, through: 0, by: -8) {
      if !bytes.isEmpty { bytes.append(UInt8(ascii: "-")) }
      let byte = Int(truncatingIfNeeded: value >> UInt64(shift)) & 0xFF
      bytes.append(digits[byte >> 4])
      bytes.append(digits[byte & 15])
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
