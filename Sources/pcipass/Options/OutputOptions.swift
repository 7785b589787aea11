import ArgumentParser
import Reporting

/// The output options of all commands.
struct OutputOptions: ParsableArguments {
  @Option(
    help:
      "Colour the output: auto colours a terminal, unless NO_COLOR is set; CLICOLOR_FORCE=1 colours files too."
  )
  var color = ColorChoice.auto
}

/// The options of commands that print tables.
struct TableOptions: ParsableArguments {
  @Flag(help: "Print all columns of tables, whatever the width of the terminal.")
  var wide = false

  /// The largest width of a table in columns; nil means no limit.
  func width(on terminal: Terminal) -> Int? { wide ? nil : terminal.width }
}

extension ColorChoice: ExpressibleByArgument {}
