/// What a guard says of a proposed change.
struct GuardResult {
  let which: Guard
  /// The guest that the question is about, where it is about one.
  let guest: String?
  let outcome: GuardOutcome

  init(_ which: Guard, guest: String? = nil, _ outcome: GuardOutcome) {
    self.which = which
    self.guest = guest
    self.outcome = outcome
  }
}

/// The answer to a guard's question.
enum GuardOutcome {
  /// Nothing stands against it: what that rests on, in words.
  case passed(String)
  case violated(Violation)
}

/// What a guard has against a change.
struct Violation {
  let code: Refusal.Code
  let message: String
  let details: [String]
  let help: String?
  /// The manifest's line, where it is not the NIC's.
  let origin: String?
  /// All of it in words, for where the manifest lets it pass.
  let found: String

  init(
    _ code: Refusal.Code, _ message: String, details: [String] = [], help: String? = nil,
    origin: String? = nil, found: String? = nil
  ) {
    self.code = code
    self.message = message
    self.details = details
    self.help = help
    self.origin = origin
    self.found = found ?? (details.isEmpty ? message : details.joined(separator: "; "))
  }
}
