import Glibc
import Reporting

/// The capabilities of a terminal. The default is a file, which has none of them.
struct TerminalTraits: Sendable {
  /// Whether the output is a terminal.
  var isInteractive = false
  var canAsk = false
  /// Whether a line can be redrawn in place.
  var canRedraw = false
  var outputStyle = Style.plain
  var errorStyle = Style.plain
  /// The width of the output in columns; nil where it is not a terminal. It may change at any time.
  var width: @Sendable () -> Int? = { nil }
  /// The width of messages in columns; nil where they do not go to a terminal.
  var errorWidth: @Sendable () -> Int? = { nil }
  /// Whether the process is in the foreground. In the background, another program uses the
  /// terminal.
  var isInForeground: @Sendable () -> Bool = { true }
  /// Whether signals of the process stop the command on this terminal.
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
