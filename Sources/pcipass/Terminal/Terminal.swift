import Documents
import Glibc
import Reporting

/// The terminal of a command, or the files or pipes that replace it. `Pcipass.run` passes it to the
/// commands, so that a test can pass another one.
final class Terminal: Sendable {
  let traits: TerminalTraits
  let input: CInt
  private let output: CInt
  private let error: CInt
  private let writer: BackgroundWriter
  private let live: LiveLine
  /// Whether the output is text for people. Otherwise the output is one document, and text for
  /// people is not written.
  private let isForPeople: Bool

  /// The terminal of the process.
  static let standard = Terminal(
    input: STDIN_FILENO, output: STDOUT_FILENO, error: STDERR_FILENO, traits: .ofProcess)

  /// - Parameters:
  ///   - input: the file descriptor that answers are read from.
  ///   - output: the file descriptor for results.
  ///   - error: the file descriptor for messages and questions.
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
  /// The width of the output in columns; nil means no limit.
  var width: Int? { traits.width() }
  /// The width of messages in columns; nil means no limit.
  var errorWidth: Int? { traits.errorWidth() }

  /// Writes text for people.
  func write(_ text: String) { if isForPeople { write(product: text) } }

  /// Writes the result of the command in the requested format.
  func write(product text: String) { write(product: Array(text.utf8)) }

  func write(product bytes: [UInt8]) { live.write { writer.write(bytes, to: output) } }

  func writeError(_ text: String) { live.write { writer.write(text, to: error) } }

  /// Writes text for people above the progress line.
  func writeMeanwhile(_ text: String) {
    if isForPeople { live.writeAbove { writer.write(text, to: output) } }
  }

  /// Shows the running action and its duration until other text is written; on a terminal only.
  func show(_ line: ProgressLine, atOnce: Bool = true, since: ContinuousClock.Instant = .now) {
    if traits.canRedraw, isForPeople { live.show(line, atOnce: atOnce, since: since) }
  }

  /// Shows an action that usually takes less than 1 s. It is shown only if it takes longer.
  func showWaiting(_ words: String, _ detail: DetailLevel = .normal, _ wait: String? = nil) {
    if detail != .quiet { show(ProgressLine(words, wait: wait), atOnce: false) }
  }

  func endWaiting() { live.end() }

  /// Makes writes return before the output is written. Called after the lock of the host is taken,
  /// because a stopped reader must not delay the run.
  func stopWaiting() {
    writer.stopWaiting()
    // Without this, a background process that writes to a terminal with `stty tostop` is stopped.
    if traits.takesSignals { Glibc.signal(SIGTTOU, SIG_IGN) }
  }

  /// Waits until everything is written, and makes later writes wait too. Called after the lock is
  /// released, and at the end.
  func waitAgain() {
    live.end()
    writer.waitAgain()
  }

  /// Why output is missing; nil if all of it was written or its reader has closed the pipe.
  var outputFailure: Diagnostic? {
    writer.failure(of: output).map {
      Diagnostic(code: "unwritable", "the output could not be written: \($0)")
    }
  }
}
