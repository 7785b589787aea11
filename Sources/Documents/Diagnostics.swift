/// What went wrong, as an error: one diagnostic, or all that one run found.
public struct Diagnostics: Error, Sendable {
  /// At least one.
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

  /// The message of the first, for where only one has room.
  public var message: String { all.first?.message ?? "unknown" }
}
