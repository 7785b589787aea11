/// Why a program did not do what it was run for.
public struct SubprocessFailure: Error {
  /// As the program may have written it: it is made printable where it is shown.
  public var reason: String
  /// Whether the program may still be running.
  public var isTimeout: Bool

  public init(reason: String, isTimeout: Bool = false) {
    self.reason = reason
    self.isTimeout = isTimeout
  }
}
