import ArgumentParser

/// The names that shells offer for a value: `@Option(completion: .addresses)`.
extension CompletionKind {
  static let manifests = CompletionKind.file(extensions: ["yaml", "yml", "json"])
  static let snapshots = CompletionKind.file(extensions: ["json"])

  /// PCI addresses of NICs; with `--all`, those of all functions.
  static let addresses = offering(\.addresses)
  /// Names of guests from the manifests on the command line, or from those that were applied last.
  static let guests = offering(\.guests)
  /// `nic/NAME` and `guest/NAME`.
  static let targets = offering(\.targets)
  /// Everything that has a name: addresses, NICs and guests.
  static let nics = offering { $0.nics }
  static let subjects = offering { $0.addresses + $0.nics + $0.guests }
  /// Numbers of applies and rollbacks, newest first.
  static let journals = offering(\.journals)
  /// Numbers of applies and rollbacks, and the plan files in the current folder.
  static let journalsAndPlans = offering { $0.journals + $0.plans }
  /// The number of the apply that is waiting for its confirmation.
  static let unconfirmed = offering(\.unconfirmed)

  private static func offering(
    _ find: @escaping @Sendable (CompletionLine) -> [CompletionCandidate]
  ) -> CompletionKind {
    .custom { words, index, _ in find(CompletionLine(words, at: index)).compactMap(\.text) }
  }
}
