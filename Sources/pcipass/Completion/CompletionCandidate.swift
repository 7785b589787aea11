import ArgumentParser
import Documents
import Files

/// A word that the shell offers for completion.
struct CompletionCandidate {
  let word: String
  /// The description of the word, which bash does not show.
  let description: String

  init(_ word: String, _ description: String) {
    self.word = word
    self.description = description
  }

  /// The line in the format of the requesting shell; nil for a word that needs quotes, because bash
  /// expands the offered word as if it had been typed.
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
