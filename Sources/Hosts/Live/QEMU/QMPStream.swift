import Documents

/// Cuts what a monitor sends into messages. They may come in any pieces, several at once, on one line each or
/// over many (`-mon …,pretty=on`).
struct QMPStream {
  private let limits: Limits
  private var bytes: [UInt8] = []
  /// Where the message begins that is being looked for.
  private var start = 0
  /// How far was looked.
  private var end = 0
  /// Objects and arrays that are open there.
  private var depth = 0
  private var isInString = false
  private var isEscaped = false
  /// After nonsense nobody knows where the next message begins.
  private var failure: QEMUFailure?

  /// - Parameter longestMessage: in bytes. QEMU's longest answer, the schema of all that it can do, has 200 kB.
  init(longestMessage: Int = 16 << 20) {
    var limits = Limits()
    limits.bytes = longestMessage
    self.limits = limits
  }

  mutating func append(_ more: some Sequence<UInt8>) {
    guard failure == nil else { return }
    // Not for each message: moving what is left is to stay linear.
    if start > 0, start >= bytes.count / 2 {
      bytes.removeFirst(start)
      end -= start
      start = 0
    }
    bytes.append(contentsOf: more)
  }

  /// The next message, or nil where more bytes must come first.
  mutating func next() throws(QEMUFailure) -> QMPMessage? {
    if let failure { throw failure }
    do throws(QEMUFailure) {
      guard let text = try cut() else { return nil }
      return try message(text)
    } catch {
      failure = error
      bytes = []
      throw error
    }
  }

  private mutating func cut() throws(QEMUFailure) -> [UInt8]? {
    if depth == 0 { try skipSpace() }
    while end < bytes.count {
      guard end - start < limits.bytes else {
        throw .nonsense("a message longer than \(limits.bytes) bytes")
      }
      let byte = bytes[end]
      end += 1
      if isInString {
        look(inStringAt: byte)
      } else if try isEnd(after: byte) {
        defer { start = end }
        return Array(bytes[start..<end])
      }
    }
    return nil
  }

  private mutating func look(inStringAt byte: UInt8) {
    if isEscaped {
      isEscaped = false
    } else if byte == UInt8(ascii: "\\") {
      isEscaped = true
    } else if byte == UInt8(ascii: "\"") {
      isInString = false
    }
  }

  /// Whether the message ends with this byte, which is in no string. Brackets that do not match are found when it
  /// is read.
  private mutating func isEnd(after byte: UInt8) throws(QEMUFailure) -> Bool {
    switch byte {
    case UInt8(ascii: "\""): isInString = true
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      depth += 1
      guard depth <= limits.depth else {
        throw .nonsense("a message nested more than \(limits.depth) levels deep")
      }
    case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
    default: break
    }
    return depth == 0
  }

  /// To the beginning of the next message.
  private mutating func skipSpace() throws(QEMUFailure) {
    while end < bytes.count, Self.isSpace(bytes[end]) { end += 1 }
    start = end
    guard end == bytes.count || bytes[end] == UInt8(ascii: "{") else {
      throw .nonsense(shortened(String(decoding: bytes[end...].prefix(60), as: UTF8.self)))
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || (byte >= 0x09 && byte <= 0x0D && byte != 0x0B && byte != 0x0C)
  }

  private func message(_ text: [UInt8]) throws(QEMUFailure) -> QMPMessage {
    let node: Node
    do throws(Diagnostic) {
      node = try JSONReader.document(of: Source(name: "QMP", text: text), limits: limits)
    } catch {
      throw .nonsense("JSON with an error: \(error.message)")
    }
    guard let message = QMPMessage(node) else {
      throw .nonsense(shortened(String(decoding: text.prefix(200), as: UTF8.self)))
    }
    return message
  }
}
