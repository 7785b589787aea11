import Documents
import Planning

/// The end of the output of a plan for several hosts: one line for each host, then the totals.
public struct FleetSummary: Sendable {
  /// The hosts in the order of the manifests.
  public private(set) var hosts: [FleetHost] = []
  private var counts = StepCounts([])

  public init() {}

  /// The number of hosts, planned or not.
  public var count: Int { hosts.count }
  /// Whether a plan that is not refused has steps.
  public var hasChanges: Bool { contains(.changed) }
  /// Whether a host differs from its manifests in a way that no step can change.
  public private(set) var hasDrift = false
  public var isRefused: Bool { contains(.refused) }
  /// The names of the hosts without a plan.
  public var unplanned: [String] { hosts.filter { $0.state == .notPlanned }.map(\.host) }

  private func contains(_ state: FleetHost.State) -> Bool { hosts.contains { $0.state == state } }

  public mutating func add(_ plan: Plan) {
    if plan.hasDrift { hasDrift = true }
    if plan.refusals.isEmpty { counts.add(StepCounts(plan.steps)) }
    hosts.append(FleetHost(plan))
  }

  public mutating func add(unplanned host: FleetHost) { hosts.append(host) }

  public var text: String {
    let width = hosts.map { textWidth(printable($0.host)) }.max() ?? 0
    let lines = hosts.byState.reduce(into: "") { result, host in
      let name = printable(host.host)
      result += name + String(repeating: " ", count: width - textWidth(name)) + "  \(host.words)\n"
    }
    let unplanned = hosts.count(.notPlanned)
    let exhausted = hosts.exhaustedPools.map { pool, hosts in
      "Exhausted: the pool \(printable(pool)) on \(listed(hosts.map { printable($0) })).\n"
    }
    return lines + exhausted.joined()
      + "\(pluralised(hosts.count, "host")): \(hosts.count(.changed)) with changes, "
      + "\(hosts.count(.refused)) refused\(unplanned > 0 ? ", \(unplanned) not planned" : ""); \(counts.text).\n"
  }
}

extension StepCounts {
  fileprivate mutating func add(_ other: StepCounts) {
    add += other.add
    change += other.change
    remove += other.remove
  }
}
