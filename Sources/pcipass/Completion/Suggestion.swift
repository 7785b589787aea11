import ArgumentParser
import Documents
import Reporting

/// Help for a command line that the parser refuses: a similar command, or the equivalent of a
/// command or option of another tool.
enum Suggestion {
  /// A line for the end of the parser's message; nil if there is no suggestion.
  static func line(for arguments: [String]) -> String? {
    if let word = mistaken(arguments) {
      if let meant = commandsElsewhere[word] { return "  help: use \(meant)" }
      return nearest(to: word, among: commands).map { "  help: did you mean pcipass \($0)?" }
    }
    let options = arguments.dropFirst().prefix { $0 != "--" }.map { String($0.prefix { $0 != "=" }) }
    let known = Set((Pcipass.declaration?[arguments.first ?? ""]?.arguments ?? []).flatMap(\.names))
    return options.lazy.compactMap { known.contains($0) ? nil : optionsElsewhere[$0] }.first.map {
      "  help: use \($0)"
    }
  }

  /// The first argument that should be a command but is not one; nil if there is none.
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

  /// The commands of kubectl, Terraform, virsh, nmstatectl and driverctl, with their equivalents in
  /// pcipass.
  private static let commandsElsewhere = [
    "version": "pcipass --version", "diff": "pcipass plan", "list": "pcipass devices",
    "ls": "pcipass devices",
    "list-devices": "pcipass devices", "get": "pcipass status", "check": "pcipass validate",
    "lint": "pcipass validate", "undo": "pcipass rollback", "destroy": "pcipass rollback",
    "commit": "pcipass confirm", "log": "pcipass history", "export": "pcipass import",
    "dump": "pcipass snapshot",
  ]

  /// The options of these tools, with their equivalents in pcipass.
  private static let optionsElsewhere = [
    "--dry-run": "pcipass plan, which shows what apply would do", "--check": "pcipass plan",
    "-n": "pcipass plan, which shows what apply would do",
    "-f": path, "--file": path, "--filename": path, "-o": "--format json", "--output": "--format json",
    "--json": "--format json", "-json": "--format json", "--auto-approve": "--yes", "-auto-approve": "--yes",
    "--force": "--yes; to allow a failed check, use allow in the manifest",
  ]

  private static let path = "the path without an option, as in: pcipass plan fleet/"
}
