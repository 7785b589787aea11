import ArgumentParser
import Documents
import Files

/// One of the words that a shell offers.
struct CompletionCandidate {
  let word: String
  /// What the word means; bash does not show it.
  let description: String

  init(_ word: String, _ description: String) {
    self.word = word
    self.description = description
  }

  /// The line that the asking shell expects. bash expands the word as if it had been typed, so a word that would not stay
  /// as it is is not offered.
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
