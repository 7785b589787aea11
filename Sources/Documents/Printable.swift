/// The text with all characters escaped that are invisible or can control a terminal. All text from outside
/// passes through this function before pcipass shows it.
@inlinable
public func printable(_ text: some StringProtocol) -> String {
  guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 >= 0xC2 }) else { return String(text) }
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\t": result += "\\t"
    case "\n": result += "\\n"
    case "\r": result += "\\r"
    case _ where scalar.isInvisible: result += "\\u{" + String(scalar.value, radix: 16) + "}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

extension Unicode.Scalar {
  /// Whether the scalar is invisible or can change how the text around it is displayed: control characters,
  /// line separators, bidirectional controls, fillers, variation selectors (Unicode's
  /// Default_Ignorable_Code_Point) and noncharacters.
  @inlinable
  public var isInvisible: Bool {
    switch value {
    case 0x20..<0x7F: false
    case 0..<0x20, 0x7F..<0xA0, 0xAD, 0x34F, 0x61C, 0x115F...0x1160, 0x17B4...0x17B5, 0x180B...0x180F,
      0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0x3164, 0xFE00...0xFE0F, 0xFEFF, 0xFFA0,
      0xFFF0...0xFFFB, 0x1BCA0...0x1BCA3, 0x1D173...0x1D17A, 0xE0000...0xE0FFF:
      true
    default: value & 0xFFFE == 0xFFFE || (0xFDD0...0xFDEF).contains(value)
    }
  }
}

extension StringProtocol {
  /// Whether the text contains a control character of ASCII (C0 and DEL) or of ISO 8859 (C1).
  @inlinable
  public var hasControlCharacters: Bool {
    var before: UInt8 = 0
    for byte in utf8 {
      // UTF-8 encodes the C1 controls as C2 80 to C2 9F.
      if byte < 0x20 || byte == 0x7F || (before == 0xC2 && byte < 0xA0) { return true }
      before = byte
    }
    return false
  }
}
