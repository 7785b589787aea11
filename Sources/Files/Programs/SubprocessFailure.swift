/// Why a program failed.
public struct SubprocessFailure: Error {
  /// The reason, which may be text from the program: callers make it printable before they show it.
  public var reason: String
  /// Whether the program may still be running.
  public var isTimeout: Bool

  public init(reason: String, isTimeout: Bool = false) {
    self.reason = reason
    self.isTimeout = isTimeout
  }
}
