/// The answer of a guard to one question about a proposed change.
struct GuardResult {
  let which: Guard
  /// The name of the guest, if the question is about one.
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
  /// The change passes. The text contains the reason.
  case passed(String)
  case violated(Violation)
}

/// The reason why a guard refuses a change, unless the manifest allows it.
struct Violation {
  let code: Refusal.Code
  let message: String
  let details: [String]
  let help: String?
  /// The line of the manifest, if it is another one than that of the NIC.
  let origin: String?
  /// The whole evidence in words, for reports of violations that the manifest allows.
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
