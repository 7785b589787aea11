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
  /// In the background the terminal belongs to another program.
  var isInForeground: @Sendable () -> Bool = { true }
  /// The signals that the process receives are meant for the command that runs on this terminal.
  var takesSignals = false
}

extension TerminalTraits {
  /// The traits of the process's own standard input, output and error.
  static var ofProcess: TerminalTraits {
    let isInteractive = isatty(STDOUT_FILENO) == 1
    let isDumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? true
    return TerminalTraits(
      isInteractive: isInteractive,
      canAsk: isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1,
      canRedraw: isInteractive && !isDumb,
      outputStyle: style(STDOUT_FILENO, isDumb: isDumb), errorStyle: style(STDERR_FILENO, isDumb: isDumb),
      width: { isInteractive ? width(STDOUT_FILENO) : nil },
      isInForeground: { tcgetpgrp(STDOUT_FILENO) == getpgrp() },
      takesSignals: true)
  }

  /// Coloured on a terminal that can, unless NO_COLOR is set (no-color.org).
  private static func style(_ file: CInt, isDumb: Bool) -> Style {
    let noColor = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
    return Style(isColored: isatty(file) == 1 && !noColor && !isDumb)
  }

  private static func width(_ file: CInt) -> Int? {
    if let columns = getenv("COLUMNS").flatMap({ Int(String(cString: $0)) }), columns > 0 { return columns }
    var size = winsize()
    guard ioctl(file, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }
}
