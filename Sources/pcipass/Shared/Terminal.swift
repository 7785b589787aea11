import Documents
import Glibc
import Reporting
import SystemPackage

/// The terminal, or what stands in its place.
enum Terminal {
  static let isOutput = isatty(STDOUT_FILENO) == 1
  static let canAsk = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1

  /// How many characters a line of output has room for; nil where that is no terminal.
  static var width: Int? {
    guard isOutput else { return nil }
    if let columns = getenv("COLUMNS").flatMap({ Int(String(cString: $0)) }), columns > 0 { return columns }
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// Colour on a terminal that has it, unless NO_COLOR (no-color.org) asks for none.
  static let output = style(STDOUT_FILENO)
  static let error = style(STDERR_FILENO)

  private static func style(_ descriptor: CInt) -> Style {
    let noColor = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
    return Style(isColored: isatty(descriptor) == 1 && !noColor && !isDumb)
  }

  private static let isDumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? true

  static func write(_ text: String) { live.write { write(text, to: STDOUT_FILENO) } }

  static func writeError(_ text: String) { live.write { write(text, to: STDERR_FILENO) } }

  /// Of something that goes on, which may be shown.
  static func writeMeanwhile(_ text: String) { live.writeAbove { write(text, to: STDOUT_FILENO) } }

  /// What to type next, for people.
  static func writeNext(_ text: String, _ detail: Detail = .normal) {
    if isOutput, detail != .quiet { write(text + "\n") }
  }

  private static let live = LiveLine { write($0, to: STDOUT_FILENO) }
  private static let canRedraw = isOutput && !isDumb

  /// Shows what goes on, with the time it takes, until something else is written; on a terminal only.
  static func show(_ line: RunningLine, atOnce: Bool = true, since: ContinuousClock.Instant = .now) {
    if canRedraw { live.show(line, atOnce: atOnce, since: since) }
  }

  /// The same of what is mostly over before anybody notices.
  static func showWaiting(_ words: String, _ detail: Detail = .normal, _ wait: String? = nil) {
    if detail != .quiet { show(RunningLine(words, wait: wait), atOnce: false) }
  }

  static func endWaiting() { live.end() }

  private static let writer = Output()

  private static func write(_ text: String, to descriptor: CInt) { writer.write(text, to: descriptor) }

  /// While the host's lock is held: nothing that is written is waited for.
  static func stopWaiting() {
    writer.stopWaiting()
    // A background process that writes to a terminal with `stty tostop` would be stopped.
    signal(SIGTTOU, SIG_IGN)
  }

  /// When the lock is free again, and at the end: all is written before anything else happens.
  static func waitAgain() {
    live.end()
    writer.waitAgain()
  }

  /// A document that is of use as a whole only.
  static func write(document: [UInt8]) throws {
    waitAgain()
    if let error = document.withUnsafeBytes({ Output.write($0, to: STDOUT_FILENO) }) {
      throw fail("unwritable", "the output could not be written: \(error)")
    }
  }

  /// Asks, and ends the run where the answer is not `yes`.
  static func require(_ question: String) throws {
    guard canAsk else {
      throw fail(
        "no-terminal", "there is no terminal to ask on", help: "use --yes to go on without a question")
    }
    writeError("\n" + question + " Only 'yes' is taken for yes: ")
    guard readLine(strippingNewline: true) == "yes" else { throw fail("cancelled", "nothing was done") }
  }
}
