import Documents
import Glibc
import Reporting

/// The terminal of a command, or the files or pipes in its place. Commands get it from `Pcipass.run`, so that a test can
/// give them another one.
final class Terminal: Sendable {
  let traits: TerminalTraits
  let input: CInt
  private let output: CInt
  private let error: CInt
  private let writer: BackgroundWriter
  private let live: LiveLine

  /// The terminal of the process.
  static let standard = Terminal(
    input: STDIN_FILENO, output: STDOUT_FILENO, error: STDERR_FILENO, traits: .ofProcess)

  /// - Parameters:
  ///   - input: the file descriptor that answers are read from.
  ///   - output: the one that results are written to.
  ///   - error: the one that messages and questions are written to.
  init(input: CInt, output: CInt, error: CInt, traits: TerminalTraits = TerminalTraits()) {
    self.traits = traits
    self.input = input
    self.output = output
    self.error = error
    let writer = BackgroundWriter()
    self.writer = writer
    live = LiveLine(traits) { writer.write($0, to: output) }
  }

  var outputStyle: Style { traits.outputStyle }
  var errorStyle: Style { traits.errorStyle }
  /// How many characters a line of output has room for; nil where there is no such limit.
  var width: Int? { traits.width() }

  func write(_ text: String) { live.write { writer.write(text, to: output) } }

  func writeError(_ text: String) { live.write { writer.write(text, to: error) } }

  /// Writes above the line that shows what is running.
  func writeMeanwhile(_ text: String) { live.writeAbove { writer.write(text, to: output) } }

  /// Shows what is running, and for how long, until something else is written; on a terminal only.
  func show(_ line: ProgressLine, atOnce: Bool = true, since: ContinuousClock.Instant = .now) {
    if traits.canRedraw { live.show(line, atOnce: atOnce, since: since) }
  }

  /// The same for what mostly takes less than a second; then it is not shown.
  func showWaiting(_ words: String, _ detail: DetailLevel = .normal, _ wait: String? = nil) {
    if detail != .quiet { show(ProgressLine(words, wait: wait), atOnce: false) }
  }

  func endWaiting() { live.end() }

  /// From now on no output is waited for. Called when the host's lock is taken: a reader that stops must not hold it up.
  func stopWaiting() {
    writer.stopWaiting()
    // A background process that writes to a terminal with `stty tostop` would be stopped.
    if traits.takesSignals { signal(SIGTTOU, SIG_IGN) }
  }

  /// Waits until everything is written, from now on each time. Called when the lock is free again, and at the end.
  func waitAgain() {
    live.end()
    writer.waitAgain()
  }

  /// Writes a document that is of no use in part: throws `unwritable` where not all of it could be written.
  func write(document: [UInt8]) throws(Diagnostics) {
    waitAgain()
    if let error = document.withUnsafeBytes({ BackgroundWriter.write($0, to: output) }) {
      throw Diagnostics(code: "unwritable", "the output could not be written: \(error)")
    }
  }
}
