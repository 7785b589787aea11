import Files
import Glibc
import SystemPackage

/// The PCIe Device Serial Number, from a function's configuration space.
enum SerialNumber {
  private static let capability: UInt32 = 0x0003

  /// Nil where there is none. Without root the kernel shows 64 bytes only, which is not worth a word.
  static func read(in folder: borrowing Folder, _ scratch: Scratch, _ problems: inout Problems) -> String? {
    do {
      return try read(folder.file("config"), scratch)
    } catch {
      if error != .noSuchFileOrDirectory { problems.add("config", error) }
      return nil
    }
  }

  private static func read(_ config: consuming OpenFile, _ scratch: Scratch) throws(Errno) -> String? {
    guard case .at(let offset) = try ExtendedCapability.find(capability, in: config, scratch),
      let low = try config.word(offset + 4, scratch), let high = try config.word(offset + 8, scratch)
    else { return nil }
    return text(high: high, low: low)
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
