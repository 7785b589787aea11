import Planning

extension RequestPart {
  /// The result of a plan without steps. A run that does not look at guests cannot tell whether the host is in
  /// sync.
  var unchanged: String {
    switch self {
    case .everything: "No changes"
    case .host: "No changes to the host's half"
    }
  }
}
