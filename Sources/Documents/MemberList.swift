/// The members of a mapping while it is read.
struct MemberList {
  private(set) var all: [Node.Member] = []
  private var keys: Set<String> = []

  /// Adds a member.
  ///
  /// - Throws: `duplicate-key` where the mapping has the key already.
  mutating func append(
    _ key: String, _ keyNode: Node, _ value: Node, in source: Source
  ) throws(Diagnostics) {
    if let first = existing(key) {
      throw Diagnostics(
        code: "duplicate-key", "duplicate key \(quotedExcerpt(key))",
        at: SourceLocation(source: source, position: keyNode.position, length: Int(keyNode.length)),
        related: SourceLocation(source: source, position: first, length: key.unicodeScalars.count),
        help: "remove one of the two")
    }
    all.append(Node.Member(key: key, keyPosition: keyNode.position, value: value))
  }

  /// Nearly all mappings are short, and a linear search is faster for them than a hash table.
  private mutating func existing(_ key: String) -> Position? {
    if all.count < 24 { return all.first { $0.key == key }?.keyPosition }
    if keys.isEmpty { keys = Set(all.map(\.key)) }
    return keys.insert(key).inserted ? nil : all.first { $0.key == key }?.keyPosition
  }
}
