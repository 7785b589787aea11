/// The text as one word for a POSIX shell, for a command in a message. The word is quoted where that is
/// needed. A text that starts with `-` becomes a path (`./-name`), so that it is not taken for an option.
public func shellWord(_ text: String) -> String {
  let text = text.hasPrefix("-") ? "./" + text : text
  let isPlain = text.utf8.allSatisfy { byte in
    byte &- UInt8(ascii: "0") < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 26
      || "/._-+:@%,=".utf8.contains(byte)
  }
  return isPlain && !text.isEmpty
    ? text
    : "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
}
