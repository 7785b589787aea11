/// A problem or a remark about an input, with its location and advice. It is thrown as an error where it
/// stops an operation.
public struct Diagnostic: Sendable {
  /// An error stops an operation; a warning or a note does not.
  public enum Severity: String, CaseIterable, Sendable { case error, warning, note }

  public var severity: Severity
  /// A stable keyword such as `unknown-key`, for programs. docs/troubleshooting.md explains each code.
  public var code: String
  public var message: String
  /// The location of the problem; nil where the problem is not in a text.
  public var location: SourceLocation?
  /// A second location that the message refers to, such as the first of two claims of one NIC.
  public var related: SourceLocation?
  /// How to solve the problem, shown after `help:`.
  public var help: String?
  /// The only hosts that the problem concerns; nil where it may concern every host.
  public var hosts: [String]?

  public init(
    _ severity: Severity = .error, code: String, _ message: String, at location: SourceLocation? = nil,
    related: SourceLocation? = nil, help: String? = nil
  ) {
    self.severity = severity
    self.code = code
    self.message = message
    self.location = location
    self.related = related
    self.help = help
  }
}

extension [Diagnostic] {
  /// Whether at least one diagnostic is an error; warnings and notes do not count.
  public var hasErrors: Bool { contains { $0.severity == .error } }
}

extension Diagnostic {
  /// The message after its place.
  public var placed: String { (location.map { "\($0): " } ?? "") + message }
}
