import ArgumentParser
import Documents

/// What shells offer where a value is typed: `@Option(completion: .addresses)`.
extension CompletionKind {
  static let manifests = CompletionKind.file(extensions: ["yaml", "yml"])
  static let snapshots = CompletionKind.file(extensions: ["json"])

  /// PCI addresses of NICs, with `--all` those of all functions.
  static let addresses = offering(\.addresses)
  /// Names of guests, out of the manifests on the command line, or of those that were applied last.
  static let guests = offering(\.guests)
  /// `nic/NAME` and `guest/NAME`.
  static let targets = offering(\.targets)
  /// All that has a name of its own: addresses, NICs and guests.
  static let subjects = offering { $0.addresses + $0.nics + $0.guests }
  /// Numbers of applies and rollbacks, the last first.
  static let journals = offering(\.journals)
  /// The same, and the plan files that lie here.
  static let journalsAndPlans = offering { $0.journals + $0.plans }
  /// The number of the apply that awaits its confirmation.
  static let unconfirmed = offering(\.unconfirmed)

  private static func offering(
    _ find: @escaping @Sendable (CompletionLine) -> [Candidate]
  ) -> CompletionKind {
    .custom { words, index, _ in find(CompletionLine(words, at: index)).compactMap(\.text) }
  }
}

/// One of the words that are offered.
struct Candidate {
  let word: String
  /// What it is; bash shows none.
  let description: String

  init(_ word: String, _ description: String) {
    self.word = word
    self.description = description
  }

  /// As the shell that asks takes it. bash expands what it is given, as if it had been typed: a word that would not
  /// stand for itself is not offered.
  var text: String? {
    guard !word.isEmpty, shellWord(word) == word else { return nil }
    let description = printable(description)
    return switch CompletionShell.requesting {
    case .zsh:
      word.replacing("\\", with: "\\\\").replacing(":", with: "\\:")
        + (description.isEmpty ? "" : ":" + description)
    case .fish: description.isEmpty ? word : word + "\t" + description
    default: word
    }
  }
}
