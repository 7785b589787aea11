import Documents
import Glibc

extension Terminal {
  /// Asks the question. Throws unless the answer is `yes`: code `cancelled`, or `no-terminal` if
  /// there is no terminal.
  func require(_ question: String) throws(Diagnostics) {
    guard traits.canAsk else {
      throw Diagnostics(
        code: "no-terminal",
        "pcipass must ask for approval, but there is no terminal; nothing was changed",
        help: "apply without a prompt: --yes")
    }
    writeError("\n" + question + " Only 'yes' is accepted: ")
    guard readLine() == "yes" else { throw Diagnostics(code: "cancelled", "cancelled; nothing was changed") }
  }

  /// One line of input without its line end. Later input stays unread.
  private func readLine() -> String {
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while true {
      let count = read(input, &byte, 1)
      if count < 0, errno == EINTR { continue }
      guard count == 1, byte != UInt8(ascii: "\n") else { break }
      line.append(byte)
    }
    if line.last == UInt8(ascii: "\r") { line.removeLast() }
    return String(decoding: line, as: UTF8.self)
  }
}
