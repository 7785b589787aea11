import Documents
import Planning

/// The status of the hosts of a fleet as JSON.
public enum FleetStatusJSON {
  /// The document of the kind `StatusList`.
  public static let form = OutputForm<FleetStatus>.document(
    kind: "StatusList", "Whether hosts are in sync with their manifests, from their snapshots.",
    [
      OutputField("state", \.state, .choice(), "The worst state of all hosts."),
      OutputField("hosts", \.hosts, .list(of: host), "The hosts, the worst first, and otherwise by name."),
    ])

  private static let host = OutputForm<HostSummary>.record(
    "HostSummary", "The status of one host in numbers.",
    [
      OutputField("host", \.host, .text, "The host."),
      OutputField(
        "state", \.state, .choice(),
        "The worst state of its NICs and of the host itself; unknown where nothing is known of it."),
      OutputField(
        "snapshot", \.snapshot, optional: .choice(),
        "Whether its snapshot was read, or is missing or unreadable."
      ),
      OutputField("unavailable", \.unavailable, optional: .text, "Why nothing is known of it."),
      OutputField(
        "nics", \.nics, optional: differing, "Its NICs; absent where nothing is known of the host."),
      OutputField(
        "guests", \.guests, optional: differing, "Its guests; absent where nothing is known of the host."),
      OutputField(
        "refusals", { host in host.refusals.map(\.rawValue) }, .list(of: .text),
        "The codes of the refusals of a plan, each once."),
      OutputField(
        "pools", \.pools, .list(of: PoolStatus.form),
        "The pools, and the NICs whose VFs are claimed as a pool."),
    ])

  private static let differing = OutputForm<HostSummary.Differing>.record(
    "Differing", "How many there are, and how many are not in sync.",
    [
      OutputField("count", \.count, .count, "All of them."),
      OutputField(
        "differing", \.differing, .count,
        "Those that are not in sync. VFs that only follow a change of their PF do not count."),
    ])
}
