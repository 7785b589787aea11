import ArgumentParser
import Documents

/// What somebody may have meant who typed a command that there is not. The parser sees to options itself.
enum Suggestion {
  /// A line to be added to the parser's words; nil where nothing is near.
  static func line(for arguments: [String]) -> String? {
    guard let word = mistaken(arguments), let near = nearest(to: word, among: commands) else { return nil }
    return "  help: did you mean pcipass \(near)?"
  }

  /// The word that stands where a command is to be, and is none.
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
