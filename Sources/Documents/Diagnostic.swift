/// Something wrong, or worth knowing, with its place and a way out.
public struct Diagnostic: Sendable {
  public enum Severity: String, Sendable { case error, warning, note }

  public var severity: Severity
  /// A stable keyword, for machines and for the documentation.
  public var code: String
  public var message: String
  public var place: Place?
  /// A second place that the message speaks of, such as the first of two claims.
  public var related: Place?
  public var help: String?

  public init(
    _ severity: Severity = .error, code: String, _ message: String, at place: Place? = nil,
    related: Place? = nil, help: String? = nil
  ) {
    self.severity = severity
    self.code = code
    self.message = message
    self.place = place
    self.related = related
    self.help = help
  }
}

extension [Diagnostic] {
  public var hasErrors: Bool { contains { $0.severity == .error } }
}
