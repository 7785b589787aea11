import Documents
import Planning

/// The capacity of pools as text for people.
struct PoolText {
  /// A table with a line for each pool, and for each NUMA node of its members; then the members that something
  /// other than a claim has, and what is unknown.
  static func table(_ pools: [PoolStatus], _ style: Style, width: Int?) -> String {
    var table = TextTable([
      .init(title: "POOL"), .init(title: "NODE", dropOrder: 2), .init(title: "MEMBERS"),
      .init(title: "ASSIGNED"), .init(title: "KEPT", dropOrder: 3), .init(title: "USED", dropOrder: 1),
      .init(title: "FREE"), .init(title: "UNKNOWN", dropOrder: 0),
    ])
    let isUnknown = pools.contains { ($0.counts?.unknown ?? 0) > 0 }
    func add(_ pool: PoolStatus, _ node: String, _ counts: MemberCounts) {
      table.add([
        pool.name, node, "\(counts.members)", "\(counts.assigned)", "\(counts.kept)", "\(counts.used)",
        "\(counts.free)", isUnknown ? "\(counts.unknown)" : "",
      ])
    }
    for pool in pools {
      guard let nodes = pool.nodes, let counts = pool.counts else {
        table.add([pool.name, "", "unknown", "-", "-", "-", "-", ""])
        continue
      }
      if !pool.hasNodes || nodes.count > 1 { add(pool, pool.hasNodes ? "all" : "", counts) }
      if pool.hasNodes { for node in nodes { add(pool, node.words, node.counts) } }
    }
    return table.text(style, width: width) + notes(pools)
  }

  private static func notes(_ pools: [PoolStatus]) -> String {
    pools.reduce(into: "") { result, pool in
      for other in pool.others {
        result += "\(printable(other.reference)) (\(other.address)) is used: \(printable(other.because))\n"
      }
      if let reason = pool.unavailable {
        result += "\(printable(pool.name)): unknown: \(printable(reason))\n"
      }
    }
  }

  /// The capacity as one line for all members and one for each NUMA node.
  static func lines(_ pool: PoolStatus) -> [String] {
    let nodes = pool.hasNodes ? pool.nodes ?? [] : []
    let places = nodes.map { "\(words($0.counts)) on NUMA node \($0.words)" }
    return (nodes.count == 1 ? [] : [pool.counts.map(words) ?? "unknown"]) + places
  }

  private static func words(_ counts: MemberCounts) -> String {
    var words = ["\(counts.assigned) assigned"]
    if counts.kept > 0 { words.append("\(counts.kept) kept") }
    if counts.used > 0 { words.append("\(counts.used) used") }
    words.append("\(counts.free) free")
    if counts.unknown > 0 { words.append("\(counts.unknown) unknown") }
    return words.joined(separator: ", ")
  }

  /// The capacity on one line: `fast: 3 assigned, 1 kept, 4 free (node 0: 2/0/1, node 1: 1/1/3)`.
  static func line(_ pool: PoolStatus) -> String {
    guard let nodes = pool.nodes, let counts = pool.counts else { return "\(pool.name): unknown" }
    let places =
      nodes.count == 1
      ? nodes.map { "node \($0.words)" }
      : nodes.map { "node \($0.words): \($0.counts.assigned)/\($0.counts.kept)/\($0.counts.free)" }
    return "\(pool.name): \(words(counts))" + (pool.hasNodes ? " (\(places.joined(separator: ", ")))" : "")
  }

  /// What the numbers in the parentheses of `line` are; nil where no pool has such numbers.
  static func legend(_ pools: some Sequence<PoolStatus>) -> String? {
    pools.contains { $0.hasNodes && ($0.nodes?.count ?? 0) > 1 }
      ? "By NUMA node: assigned/kept/free." : nil
  }
}

extension PoolStatus.NodeCounts {
  fileprivate var words: String { number.map { "\($0)" } ?? "unknown" }
}
