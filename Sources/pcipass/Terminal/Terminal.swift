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
  /// Whether people read the output. Otherwise it is one document, and text for people is not written.
  private let isForPeople: Bool

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
    isForPeople = true
  }

  private init(_ other: Terminal, traits: TerminalTraits, isForPeople: Bool) {
    self.traits = traits
    self.isForPeople = isForPeople
    (input, output, error, writer) = (other.input, other.output, other.error, other.writer)
    live = LiveLine(traits) { [writer, output] in writer.write($0, to: output) }
  }

  /// The same terminal for a command whose output is one document, for programs.
  var forPrograms: Terminal { Terminal(self, traits: traits, isForPeople: false) }

  /// The same terminal with the colours that `--color` chooses.
  func colored(_ choice: ColorChoice) -> Terminal {
    choice == .auto ? self : Terminal(self, traits: traits.colored(choice), isForPeople: isForPeople)
  }

  var outputStyle: Style { traits.outputStyle }
  var errorStyle: Style { traits.errorStyle }
  /// How many characters a line of output has room for; nil where there is no such limit.
  var width: Int? { traits.width() }
  /// The same for messages.
  var errorWidth: Int? { traits.errorWidth() }

  /// Writes text for people.
  func write(_ text: String) { if isForPeople { write(product: text) } }

  /// Writes what the command was called for, in the format that was asked for.
  func write(product text: String) { write(product: Array(text.utf8)) }

  func write(product bytes: [UInt8]) { live.write { writer.write(bytes, to: output) } }

  func writeError(_ text: String) { live.write { writer.write(text, to: error) } }

  /// Writes above the line that shows what is running.
  func writeMeanwhile(_ text: String) {
    if isForPeople { live.writeAbove { writer.write(text, to: output) } }
  }

  /// Shows what is running, and for how long, until something else is written; on a terminal only.
  func show(_ line: ProgressLine, atOnce: Bool = true, since: ContinuousClock.Instant = .now) {
    if traits.canRedraw, isForPeople { live.show(line, atOnce: atOnce, since: since) }
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
    if traits.takesSignals { Glibc.signal(SIGTTOU, SIG_IGN) }
  }

  /// Waits until everything is written, from now on each time. Called when the lock is free again, and at the end.
  func waitAgain() {
    live.end()
    writer.waitAgain()
  }

  /// Why output is missing; nil where all of it was written, or where its reader has gone.
  var outputFailure: Diagnostic? {
    writer.failure(of: output).map {
      Diagnostic(code: "unwritable", "the output could not be written: \($0)")
    }
  }
}
