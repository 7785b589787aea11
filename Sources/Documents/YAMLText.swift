/// Checks of a text before libyaml reads it.
extension Source {
  static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// - Throws: `limit` where the text is larger than the limit.
  func checkSize(_ limits: Limits) throws(Diagnostics) {
    guard text.count <= limits.bytes else {
      throw Diagnostics(
        code: "limit",
        "\(name) is larger than \(limits.bytes) bytes, the limit for one file",
        help: "split it into several files")
    }
  }

  /// - Throws: `yaml-encoding` for UTF-16, and `yaml-line-end` for a line end that readers of YAML disagree
  ///   about.
  func checkYAMLText() throws(Diagnostics) {
    if looksLikeUTF16 {
      throw Diagnostics(
        code: "yaml-encoding", "this file is UTF-16; pcipass reads UTF-8",
        at: SourceLocation(source: self, position: Position(line: 0, column: 0)), help: "save it as UTF-8")
    }
    if let offset = text.withUnsafeBufferPointer(oddLineEnd) {
      throw Diagnostics(
        code: "yaml-line-end", "YAML readers disagree on whether a line ends here",
        at: SourceLocation(source: self, position: position(ofByte: offset)),
        help: "end lines with LF or CR LF; inside a text, write \\r, \\N, \\L or \\P in double quotes")
    }
  }

  /// UTF-16 starts with its byte order mark, or with an ASCII character, in which one of two bytes is zero.
  private var looksLikeUTF16: Bool {
    guard text.count >= 2 else { return false }
    return (text[0] == 0xFF && text[1] == 0xFE) || (text[0] == 0xFE && text[1] == 0xFF)
      || (text[0] == 0) != (text[1] == 0)
  }

  /// The offset of the first lone CR, NEL, LS or PS. YAML 1.1 and libyaml end a line at NEL, LS and PS; YAML
  /// 1.2 does not (section 5.4).
  private func oddLineEnd(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    for index in bytes.indices {
      let rest = bytes.count - index
      switch bytes[index] {
      case 0x0D where rest < 2 || bytes[index + 1] != 0x0A: return index
      case 0xC2 where rest >= 2 && bytes[index + 1] == 0x85: return index
      case 0xE2 where rest >= 3 && bytes[index + 1] == 0x80 && bytes[index + 2] & 0xFE == 0xA8: return index
      default: continue
      }
    }
    return nil
  }
}
