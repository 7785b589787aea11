import Documents
import Planning

extension Assignment {
  /// What was claimed and the keyword of the reason: `fast (chosen)`.
  var brief: String { "\(from) (\(reason.rawValue))" }

  /// The same with the reason as a sentence.
  var words: String { "from \(from): \(reason.rawValue) (\(because))" }

  /// The member with the claim and the reason.
  var memberWords: String { "\(member) \(words)" }

  /// The part of a document about the NIC that was assigned.
  static let reasonForm = OutputForm<Assignment>.record(
    "PoolAssignment", "Why a guest has a NIC from a pool, or gets it.",
    [
      OutputField("from", \.from, .text, "What the manifest claims: the pool, or POOL/PORT, or NIC/any."),
      OutputField("reason", \.reason, .choice(), "The reason for the choice, as a stable keyword."),
      OutputField("because", \.because, .text, "The reason as a sentence."),
    ])
}
