import Documents

/// Divides the bytes of a monitor into messages. They arrive in pieces of any length, with one
/// message on a line or on several (`-mon …,pretty=on`).
struct QMPStream {
  private let limits: Limits
  private var bytes: [UInt8] = []
  /// The offset of the first byte of the message.
  private var start = 0
  /// The offset of the first byte that is not scanned yet.
  private var end = 0
  /// The number of objects and arrays that are open at that byte.
  private var depth = 0
  private var isInString = false
  private var isEscaped = false
  /// The first failure. It is kept, because the start of the next message is unknown after it.
  private var failure: QEMUFailure?

  /// - Parameter longestMessage: in bytes. QEMU's longest answer, the schema of its commands, has 200 kB.
  init(longestMessage: Int = 16 << 20) {
    var limits = Limits()
    limits.bytes = longestMessage
    self.limits = limits
  }

  /// Adds bytes that have arrived.
  mutating func append(_ more: some Sequence<UInt8>) {
    guard failure == nil else { return }
    // The rest is moved only after half of the bytes are used, so that the cost stays linear.
    if start > 0, start >= bytes.count / 2 {
      bytes.removeFirst(start)
      end -= start
      start = 0
    }
    bytes.append(contentsOf: more)
  }

  /// The next message; nil if it is not complete yet.
  ///
  /// - Throws: `.notQMP`. Each later call throws the same failure.
  mutating func next() throws(QEMUFailure) -> QMPMessage? {
    if let failure { throw failure }
    do throws(QEMUFailure) {
      guard let text = try completeText() else { return nil }
      return try message(text)
    } catch {
      failure = error
      bytes = []
      throw error
    }
  }

  private mutating func completeText() throws(QEMUFailure) -> [UInt8]? {
    if depth == 0 { try skipSpace() }
    while end < bytes.count {
      guard end - start < limits.bytes else {
        throw .notQMP("a message longer than \(limits.bytes) bytes")
      }
      let byte = bytes[end]
      end += 1
      if isInString {
        scanString(byte)
      } else if try isEnd(after: byte) {
        defer { start = end }
        return Array(bytes[start..<end])
      }
    }
    return nil
  }

  private mutating func scanString(_ byte: UInt8) {
    if isEscaped {
      isEscaped = false
    } else if byte == UInt8(ascii: "\\") {
      isEscaped = true
    } else if byte == UInt8(ascii: "\"") {
      isInString = false
    }
  }

  /// Whether the message ends with this byte outside of a string. The JSON reader detects brackets
  /// that do not match.
  private mutating func isEnd(after byte: UInt8) throws(QEMUFailure) -> Bool {
    switch byte {
    case UInt8(ascii: "\""): isInString = true
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      depth += 1
      guard depth <= limits.depth else {
        throw .notQMP("a message nested more than \(limits.depth) levels deep")
      }
    case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
    default: break
    }
    return depth == 0
  }

  /// Skips white space up to the next message.
  private mutating func skipSpace() throws(QEMUFailure) {
    while end < bytes.count, Self.isSpace(bytes[end]) { end += 1 }
    start = end
    guard end == bytes.count || bytes[end] == UInt8(ascii: "{") else {
      throw .notQMP(quotedExcerpt(String(decoding: bytes[end...].prefix(60), as: UTF8.self)))
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || (byte >= 0x09 && byte <= 0x0D && byte != 0x0B && byte != 0x0C)
  }

  private func message(_ text: [UInt8]) throws(QEMUFailure) -> QMPMessage {
    let node: Node
    do throws(Diagnostics) {
      node = try JSONReader.document(of: Source(name: "QMP", text: text), limits: limits)
    } catch {
      throw .notQMP("invalid JSON: \(error.message)")
    }
    guard let message = QMPMessage(node) else {
      throw .notQMP(quotedExcerpt(String(decoding: text.prefix(200), as: UTF8.self)))
    }
    return message
  }
}
