import Files
import SystemPackage

/// The files of one function that could not be read: `FILE: reason`.
struct Problems: Sendable {
  private(set) var all: [String] = []

  mutating func add(_ file: String, _ reason: String) {
    // A function has few files, so more problems than this have the same cause.
    if all.count < 64 { all.append(file + ": " + reason) }
  }

  mutating func add(_ file: String, _ error: Errno) { add(file, error.description) }

  mutating func addInvalid(_ file: String, _ bytes: Bytes) {
    add(file, "\"" + bytes.trimmed.prefix(60).map(shown).joined() + "\" is invalid")
  }

  private func shown(_ byte: UInt8) -> String {
    (0x20..<0x7F).contains(byte)
      ? String(UnicodeScalar(byte)) : "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}
