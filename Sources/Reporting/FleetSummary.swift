import Documents
import Planning

/// The end of the output of a plan for several hosts: one line for each host, then the totals.
public struct FleetSummary: Sendable {
  private var lines: [(host: String, result: String)] = []
  private var counts = StepCounts([])
  private var changed = 0
  private var refused = 0
  private var drifted = 0

  public init() {}

  /// The number of hosts.
  public var count: Int { lines.count }
  /// Whether a plan that is not refused has steps.
  public var hasChanges: Bool { changed > 0 }
  /// Whether a host differs from its manifests in a way that no step can change.
  public var hasDrift: Bool { drifted > 0 }
  public var isRefused: Bool { refused > 0 }

  public mutating func add(_ plan: Plan) {
    if plan.hasDrift { drifted += 1 }
    if plan.refusals.isEmpty {
      if !plan.isEmpty { changed += 1 }
      let own = StepCounts(plan.steps)
      counts.add += own.add
      counts.change += own.change
      counts.remove += own.remove
    } else {
      refused += 1
    }
    lines.append((printable(plan.host), Self.result(of: plan)))
  }

  private static func result(of plan: Plan) -> String {
    if !plan.refusals.isEmpty {
      let codes = plan.refusals.map(\.code.rawValue).reduce(into: [String]()) {
        if !$0.contains($1) { $0.append($1) }
      }
      return "refused: " + codes.joined(separator: ", ")
    }
    if !plan.isEmpty { return StepCounts(plan.steps).text }
    return plan.hasDrift ? "drifted: \(Notice.Code.savedImage.rawValue)" : "no changes"
  }

  public var text: String {
    let width = lines.map { textWidth($0.host) }.max() ?? 0
    let hosts = lines.reduce(into: "") { result, line in
      let pad = String(repeating: " ", count: width - textWidth(line.host))
      result += "\(line.host)\(pad)  \(line.result)\n"
    }
    return hosts + "\(pluralised(lines.count, "host")): \(changed) with changes, \(refused) refused; "
      + "\(counts.text).\n"
  }
}
