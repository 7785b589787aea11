/// Limits on a text from outside. A text that exceeds one is refused with the code `limit`.
public struct Limits: Sendable {
  /// The size of one file, in bytes.
  public var bytes = 64 << 20
  /// The number of levels of nesting.
  public var depth = 64
  /// The number of values of one document. An alias counts as all values that it expands to.
  public var nodes = 2_000_000
  /// The number of values that all aliases of one document expand to in total.
  public var aliasedNodes = 10_000

  public init() {}
}
