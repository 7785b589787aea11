import Files
import Glibc
import SystemPackage

/// Reads the PCIe Device Serial Number from the configuration space of a function.
enum SerialNumber {
  private static let capability: UInt32 = 0x0003

  /// Nil if the function has none. Callers without CAP_SYS_ADMIN see only 64 bytes of configuration space;
  /// that is not reported as a problem.
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

  /// The format of lspci: most significant byte first, separated by dashes.
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
