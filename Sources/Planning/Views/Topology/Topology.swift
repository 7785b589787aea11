import HostModel
import Manifests

/// How a host's NICs reach its guests: root port → NIC → VF → guest, and what a plan changes of that.
public struct Topology: Sendable, Equatable {
  public let host: String
  /// Whether there is a plan that could change something.
  public let isPlanned: Bool
  /// Each once: parents before their children, and otherwise by address.
  public let functions: [TopologyFunction]
  public let guests: [TopologyGuest]
  /// Each pair of a function and a guest once, in the functions' order.
  public let holdings: [TopologyHolding]
  /// Refusals of what is no function of the host, or not exactly one.
  public let refusals: [Refusal]
  /// Why it is not known what some guests have.
  public let unknown: [String]
  /// How many functions were left out, where that is to be said.
  public private(set) var left: Int
}

extension Topology {
  /// Only some of the functions, with what leads to them, and the guests that have them.
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
            before: holding.before, after: holding.after, change: holding.change)
        }
      }, refusals: refusals, unknown: unknown,
      left: left + functions.filter { $0.role != .port && !kept.contains($0.address) }.count)
  }

  /// Only what a plan touches, or was to. Nobody misses the rest there.
  public var changes: Topology {
    var result = touched
    result.left = left
    return result
  }

  /// The same, with the number of the others.
  public var touched: Topology {
    let moved = Set(holdings.filter { $0.change != nil }.map(\.function))
    return only { $0.change != nil || moved.contains($0.address) }
  }

  /// Without NICs that nobody has and no plan touches.
  public var used: Topology {
    let held = Set(holdings.map(\.function))
    return only { $0.change != nil || held.contains($0.address) }
  }

  public var hasChanges: Bool {
    functions.contains { $0.change != nil } || holdings.contains { $0.change != nil } || !refusals.isEmpty
  }
}
