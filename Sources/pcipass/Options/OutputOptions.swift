import ArgumentParser
import Reporting

/// How a command prints, whatever it prints.
struct OutputOptions: ParsableArguments {
  @Option(
    help:
      "Colour the output: auto colours a terminal, unless NO_COLOR is set; CLICOLOR_FORCE=1 colours files too."
  )
  var color = ColorChoice.auto
}

/// How a table is printed.
struct TableOptions: ParsableArguments {
  @Flag(help: "Print all columns of tables, whatever the width of the terminal.")
  var wide = false

  /// The width that a table may have; nil means no limit.
  func width(on terminal: Terminal) -> Int? { wide ? nil : terminal.width }
}

extension ColorChoice: ExpressibleByArgument {}
