extension Fact {
  /// Returns a sentence for each fact that was added, removed or changed between two sets of facts.
  public static func changes(from old: [Fact], to new: [Fact]) -> [String] {
    let before = Dictionary(old.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    var result: [String] = []
    var seen: Set<Key> = []
    for fact in new {
      seen.insert(fact.key)
      guard let value = before[fact.key] else {
        result.append("\(fact.subject) \(fact.attribute): now \(words(fact.value))")
        continue
      }
      if value != fact.value {
        result.append("\(fact.subject) \(fact.attribute): was \(words(value)), now \(words(fact.value))")
      }
    }
    for fact in old where !seen.contains(fact.key) {
      result.append("\(fact.subject) \(fact.attribute): was \(words(fact.value)), no longer present")
    }
    return result
  }

  private static func words(_ value: String) -> String { value.isEmpty ? "nothing" : value }

  private struct Key: Hashable {
    let subject: String
    let attribute: String
  }

  private var key: Key { Key(subject: subject, attribute: attribute) }
}
