import HostModel
import Manifests

/// The paths from a host's NICs to its guests (root port → NIC → VF → guest), and what a plan changes on
/// them.
public struct Topology: Sendable, Equatable {
  public let host: String
  /// Whether a plan was given, so that changes can be shown.
  public let isPlanned: Bool
  /// The functions, each once: parents before their children, and otherwise by address.
  public let functions: [TopologyFunction]
  public let guests: [TopologyGuest]
  /// The pairs of a function and a guest, each once, in the order of the functions.
  public let holdings: [TopologyHolding]
  /// The refusals that are not about exactly one function of the host.
  public let refusals: [Refusal]
  /// The reasons why it is not known which functions some guests have.
  public let unknown: [String]
  /// The number of functions that were left out.
  public private(set) var left: Int
}

extension Topology {
  /// Returns the topology with these functions only, with the bridges and PFs that lead to them, and with the
  /// guests that have them.
  public func only(_ isShown: (TopologyFunction) -> Bool) -> Topology {
    let parents = Dictionary(functions.map { ($0.address, $0.parent) }) { one, _ in one }
    var kept: Set<PCIAddress> = []
    for function in functions where function.role != .port && isShown(function) {
      var next: PCIAddress? = function.address
      while let address = next, kept.insert(address).inserted { next = parents[address] ?? nil }
    }
    let some = functions.filter { kept.contains($0.address) }
    let has = holdings.filter { kept.contains($0.function) }
    let used = Set(has.map(\.guest)).union(guests.indices.filter { guests[$0].run.reason != nil }).sorted()
    let places = Dictionary(used.enumerated().map { ($1, $0) }) { one, _ in one }
    return Topology(
      host: host, isPlanned: isPlanned, functions: some, guests: used.map { guests[$0] },
      holdings: has.compactMap { holding in
        places[holding.guest].map {
          TopologyHolding(
            function: holding.function, guest: $0, nic: holding.nic, network: holding.network,
            assignment: holding.assignment, before: holding.before, after: holding.after,
            change: holding.change)
        }
      }, refusals: refusals, unknown: unknown,
      left: left + functions.filter { $0.role != .port && !kept.contains($0.address) }.count)
  }

  /// The parts that the plan changes or is refused for. The other functions are not counted in
  /// `left`.
  public var changes: Topology {
    var result = touched
    result.left = left
    return result
  }

  /// The parts that the plan changes or is refused for. `left` counts the other functions.
  public var touched: Topology {
    let moved = Set(holdings.filter { $0.change != nil }.map(\.function))
    return only { $0.change != nil || moved.contains($0.address) }
  }

  /// The topology without NICs that no guest has and the plan does not change.
  public var used: Topology {
    let held = Set(holdings.map(\.function))
    return only { $0.change != nil || held.contains($0.address) }
  }

  /// Whether the plan changes something or is refused.
  public var hasChanges: Bool {
    functions.contains { $0.change != nil } || holdings.contains { $0.change != nil } || !refusals.isEmpty
  }
}
