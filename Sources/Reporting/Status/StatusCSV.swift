import Planning

/// The status of hosts as comma-separated values: a line for each host, or for each NUMA node of each of its
/// pools.
public enum StatusCSV {
  private static let header =
    ["host", "state", "snapshot", "nics", "nics_differing", "guests", "guests_differing", "pool", "node"]
    + MemberCounts.keys.map(\.name)

  /// Comma-separated values with a header (RFC 4180). A value that is unknown or does not exist is empty.
  public static func text(_ hosts: [HostSummary]) -> String {
    hosts.reduce(into: CSVText(header)) { result, host in
      for row in rows(host) { result.add(row) }
    }.text
  }

  private static func rows(_ host: HostSummary) -> [[String]] {
    let own = [
      host.host, host.state.rawValue, host.snapshot?.rawValue ?? "",
      text(host.nics?.count), text(host.nics?.differing), text(host.guests?.count),
      text(host.guests?.differing),
    ]
    let pools = host.pools.flatMap { pool in
      guard let nodes = pool.nodes, !nodes.isEmpty else { return [[pool.name, ""] + counts(pool.counts)] }
      return nodes.map { node in [pool.name, text(node.number)] + counts(node.counts) }
    }
    return (pools.isEmpty ? [["", ""] + counts(nil)] : pools).map { own + $0 }
  }

  private static func counts(_ counts: MemberCounts?) -> [String] {
    MemberCounts.keys.map { text(counts?[keyPath: $0.path]) }
  }

  private static func text(_ number: Int?) -> String { number.map { "\($0)" } ?? "" }
}
