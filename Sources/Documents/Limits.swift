/// How much of a text from outside is read before it is refused.
public struct Limits: Sendable {
  /// Bytes of one file.
  public var bytes = 64 << 20
  /// Levels of nesting.
  public var depth = 64
  /// Values of one document, each alias counted as all that it stands for.
  public var nodes = 2_000_000
  /// Values that the aliases of one document may stand for, all together.
  public var aliasedNodes = 10_000

  public init() {}
}
