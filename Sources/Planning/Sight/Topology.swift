import HostModel
import Manifests

/// How a host's NICs reach its guests: root port → NIC → VF → guest, and what a plan changes of that.
public struct Topology: Sendable, Equatable {
  /// What a plan does to a part of it.
  public enum Change: String, CaseIterable, Sendable {
    case comes, goes, changes
    /// Something was to be done here, and may not.
    case refused
  }

  /// A NIC, a bridge on the way to one, or something else that a guest has.
  public struct Function: Sendable, Equatable {
    public enum Role: Sendable { case port, nic, virtualFunction, other }

    public let address: PCIAddress
    public let role: Role
    /// The bridge that it is behind, or the PF that it is a part of. Nil where it is behind none, or nothing tells.
    public let parent: PCIAddress?
    /// As observed, or as it would come. Nil where only a path or a guest tells of it.
    public let function: PCIFunction?
    /// What manifests call it.
    public let reference: NICReference?
    /// What a plan does to itself, not to what guests have of it.
    public let actions: [Action]
    /// Codes of what stands against that.
    public let refusals: [String]
    public let change: Change?
  }

  public struct Guest: Sendable, Equatable {
    public let manager: GuestManager
    /// Nil where its manager knows no such guest.
    public let run: Observed<GuestState.Run?>
    /// What manifests call it.
    public let name: String?
  }

  /// That a guest has a function, in its definition or now, or is to have it.
  public struct Holding: Sendable, Equatable {
    public let function: PCIAddress
    /// Its index among the guests.
    public let guest: Int
    /// The guest's NIC that pcipass's mark names; nil where somebody else put it there.
    public let nic: String?
    /// The libvirt network that assigned it.
    public let network: String?
    public let before: Set<Placement.Part>
    public let after: Set<Placement.Part>
    public let change: Change?
  }

  public let host: String
  /// Whether there is a plan that could change something.
  public let isPlanned: Bool
  /// Each once: parents before their children, and otherwise by address.
  public let functions: [Function]
  public let guests: [Guest]
  /// Each pair of a function and a guest once, in the functions' order.
  public let holdings: [Holding]
  /// Refusals of what is no function of the host, or not exactly one.
  public let refusals: [Refusal]
  /// Why it is not known what some guests have.
  public let unknown: [String]
  /// How many functions were left out, where that is to be said.
  public private(set) var left: Int
}

extension Topology {
  /// Only some of the functions, with what leads to them, and the guests that have them.
  public func only(_ isShown: (Function) -> Bool) -> Topology {
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
          Holding(
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
