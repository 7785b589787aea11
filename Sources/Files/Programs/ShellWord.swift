/// The text as one word of a shell, for a command that is suggested; where a name begins like an option, as a path.
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
