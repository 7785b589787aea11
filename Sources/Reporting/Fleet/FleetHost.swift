import Documents
import Planning

/// The line of one host in the list of a fleet run.
public struct FleetHost: Sendable {
  /// What the run found, in the order in which the list is sorted.
  public enum State: String, CaseIterable, Sendable {
    /// The plan is refused.
    case refused
    /// There is no plan.
    case notPlanned = "not-planned"
    /// The plan has steps.
    case changed
    /// The host differs from its manifests in a way that no step can change.
    case drifted
    case unchanged
  }

  public let host: String
  public let state: State
  /// The details: the counts of a plan, the codes of its refusals, or why there is no plan.
  public let detail: String
  /// The part of the host that was planned.
  let part: RequestPart
  /// The pools that have no available member for a claim.
  public let exhaustedPools: [String]
  /// Why there is no plan.
  public let diagnostics: [Diagnostic]

  public init(_ plan: Plan) {
    host = plan.host
    part = plan.request.part
    diagnostics = []
    exhaustedPools = plan.refusals.filter { $0.code == .poolExhausted }.compactMap(\.nic).distinct
    if !plan.refusals.isEmpty {
      (state, detail) = (.refused, plan.refusals.map(\.code.rawValue).distinct.joined(separator: ", "))
    } else if !plan.isEmpty {
      (state, detail) = (.changed, StepCounts(plan.steps).text)
    } else if plan.hasDrift {
      (state, detail) = (.drifted, Notice.Code.savedImage.rawValue)
    } else {
      (state, detail) = (.unchanged, "")
    }
  }

  /// A host that the run could not plan.
  public init(unplanned host: String, _ reason: String, _ diagnostics: [Diagnostic]) {
    (self.host, state, detail, self.diagnostics) = (host, .notPlanned, reason, diagnostics)
    (part, exhaustedPools) = (.everything, [])
  }

  /// A host whose manifests have these errors.
  public init(unplanned host: String, errors: [Diagnostic]) {
    self.init(
      unplanned: host, "errors in its manifests (\(errors.map(\.code).distinct.joined(separator: ", ")))",
      errors)
  }

  /// The result without the name of the host.
  public var words: String {
    switch state {
    case .refused: "refused: \(detail)"
    case .notPlanned: "not planned: \(printable(detail))"
    case .changed: detail
    case .drifted: "drifted: \(detail)"
    case .unchanged: part.unchanged.lowercasedFirst
    }
  }
}

extension String {
  /// The text for the middle of a sentence.
  fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}

extension [String] {
  /// The distinct words in their order.
  fileprivate var distinct: [String] {
    reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}

extension [FleetHost] {
  /// Refused hosts first, then those that were not planned, then changed ones, then unchanged ones. Hosts of
  /// one state keep their order.
  public var byState: [FleetHost] {
    FleetHost.State.allCases.flatMap { state in filter { $0.state == state } }
  }

  func count(_ state: FleetHost.State) -> Int { count { $0.state == state } }

  /// The pools that have no available member for a claim, by name, each with its hosts.
  var exhaustedPools: [(pool: String, hosts: [String])] {
    let pairs = flatMap { host in host.exhaustedPools.map { ($0, [host.host]) } }
    return Dictionary(pairs, uniquingKeysWith: +).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}
