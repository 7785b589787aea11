import Glibc
import Reporting

/// What a terminal can do. The default is a file, which can do nothing of it.
struct TerminalTraits: Sendable {
  /// Output goes to a terminal, so a person reads it.
  var isInteractive = false
  var canAsk = false
  /// A line can be drawn again in its place.
  var canRedraw = false
  var outputStyle = Style.plain
  var errorStyle = Style.plain
  /// How many characters a line of output has room for; nil where that is not a terminal. It may change at any time.
  var width: @Sendable () -> Int? = { nil }
  /// The same for messages.
  var errorWidth: @Sendable () -> Int? = { nil }
  /// In the background the terminal belongs to another program.
  var isInForeground: @Sendable () -> Bool = { true }
  /// The signals that the process receives are meant for the command that runs on this terminal.
  var takesSignals = false
}

extension TerminalTraits {
  /// The traits of the process's own standard input, output and error.
  static var ofProcess: TerminalTraits {
    let isInteractive = isatty(STDOUT_FILENO) == 1
    let hasErrorTerminal = isatty(STDERR_FILENO) == 1
    let isDumb = variable("TERM").map { $0 == "dumb" } ?? true
    return TerminalTraits(
      isInteractive: isInteractive,
      canAsk: isatty(STDIN_FILENO) == 1 && hasErrorTerminal,
      canRedraw: isInteractive && !isDumb,
      outputStyle: style(isTerminal: isInteractive), errorStyle: style(isTerminal: hasErrorTerminal),
      width: { isInteractive ? width(STDOUT_FILENO) : nil },
      errorWidth: { hasErrorTerminal ? width(STDERR_FILENO) : nil },
      isInForeground: { tcgetpgrp(STDOUT_FILENO) == getpgrp() },
      takesSignals: true)
  }

  /// The traits with the colours that `--color` chooses.
  func colored(_ choice: ColorChoice) -> TerminalTraits {
    guard choice != .auto else { return self }
    var traits = self
    let style = Style(isColored: choice == .always)
    (traits.outputStyle, traits.errorStyle) = (style, style)
    return traits
  }

  private static func style(isTerminal: Bool) -> Style {
    Style(isColored: ColorChoice.auto.isColored(isTerminal: isTerminal, environment: variable))
  }

  private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  private static func width(_ file: CInt) -> Int? {
    if let columns = variable("COLUMNS").flatMap({ Int($0) }), columns > 0 { return columns }
    var size = winsize()
    guard ioctl(file, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }
}
