/// An error with one diagnostic, or with all diagnostics of one run.
public struct Diagnostics: Error, Sendable {
  /// At least one diagnostic.
  public var all: [Diagnostic]

  public init(_ all: [Diagnostic]) { self.all = all }

  public init(_ one: Diagnostic) { all = [one] }

  /// An error of one diagnostic.
  public init(
    code: String, _ message: String, at location: SourceLocation? = nil, related: SourceLocation? = nil,
    help: String? = nil
  ) {
    self.init(Diagnostic(code: code, message, at: location, related: related, help: help))
  }

  /// The message of the first diagnostic, for output that has room for only one.
  public var message: String { all.first?.message ?? "unknown" }
}
