import ArgumentParser
import Documents

/// The command that was probably meant where an unknown one was typed. The parser does the same for options.
enum Suggestion {
  /// A line for the end of the parser's message; nil where no command has a similar name.
  static func line(for arguments: [String]) -> String? {
    guard let word = mistaken(arguments), let near = nearest(to: word, among: commands) else { return nil }
    return "  help: did you mean pcipass \(near)?"
  }

  /// The word in the place of a command, where there is no command of this name.
  static func mistaken(_ arguments: [String]) -> String? {
    var words = arguments[...]
    if words.first == "help" { words = words.dropFirst() }
    guard let word = words.first, !word.hasPrefix("-"), word != "help",
      !Pcipass.configuration.subcommands.contains(where: { $0._commandName == word })
    else { return nil }
    return word
  }

  private static var commands: [String] {
    Pcipass.configuration.subcommands.filter { $0.configuration.shouldDisplay }.map { $0._commandName } + [
      "help"
    ]
  }
}
