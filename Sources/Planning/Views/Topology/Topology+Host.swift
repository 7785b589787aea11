import Documents
import HostModel
import Manifests

extension Topology {
  /// - Parameter isForAll: whether functions are shown that are neither NICs nor assigned to guests.
  public init(_ host: HostIndex, isForAll: Bool = false) {
    self.init(host, PlannedChanges(), isPlanned: false, isForAll: isForAll)
  }

  /// Creates the topology with the changes of a plan.
  ///
  /// - Parameter resolved: the resolved request that the plan was made from.
  public init(_ plan: Plan, of resolved: ResolvedRequest) {
    self.init(resolved.host, PlannedChanges(plan, resolved), isPlanned: true, isForAll: false)
  }

  private init(_ host: HostIndex, _ changes: PlannedChanges, isPlanned: Bool, isForAll: Bool) {
    let state = host.state
    var shown: [PCIAddress: PCIFunction?] = [:]
    for function in state.functions
    where function.deviceClass.isNetwork || isForAll && !function.deviceClass.isBridge {
      shown[function.address] = function
    }
    if isForAll {
      let ways = Set(shown.flatMap { TopologyOrder.bridges(before: $0.key, $0.value) })
      // Bridges with nothing behind them are on no path to a function.
      for function in state.functions where function.deviceClass.isBridge && !ways.contains(function.address)
      {
        shown[function.address] = function
      }
    }
    for address in Set(host.holdings.keys).union(changes.addresses) where shown[address] == nil {
      shown[address] = .some(host.functions[address] ?? changes.createdVFs[address])
    }
    var places = TopologyOrder()
    for (address, function) in shown.sorted(by: { $0.key < $1.key }) {
      places.add(address, function, among: shown)
    }
    let managers = Set(host.holdings.values.flatMap { $0.map(\.guest) })
      .union(changes.managers)
      .union(state.allGuests.filter { $0.state.unavailable != nil }.map(\.manager))
      .sorted(by: Topology.isBefore)
    let guests = Dictionary(managers.enumerated().map { ($1, $0) }) { one, _ in one }
    let functions = places.ordered.map { address in
      let function = shown[address] ?? host.functions[address]
      return TopologyFunction(
        address: address, role: Topology.role(of: function, isShown: shown[address] != nil),
        parent: places.parents[address] ?? nil, function: function,
        reference: changes.references[address], actions: changes.actions[address] ?? [],
        refusals: changes.refused[address] ?? [], change: changes.change(of: address))
    }
    self.init(
      host: state.host, isPlanned: isPlanned, functions: functions,
      guests: managers.map { manager in
        TopologyGuest(
          manager: manager, run: Topology.run(of: manager, host),
          name: changes.guestNames[manager].flatMap { $0 == manager.name ? nil : $0 })
      },
      holdings: functions.flatMap { changes.holdings(of: $0.address, host, guests) },
      refusals: changes.unplaced,
      unknown: state.unknownGuests, left: 0)
  }

  private static func role(of function: PCIFunction?, isShown: Bool) -> TopologyFunction.Role {
    guard isShown else { return .port }
    guard let function, function.deviceClass.isNetwork else { return .other }
    return function.virtualFunction == nil ? .nic : .virtualFunction
  }

  private static func run(of manager: GuestManager, _ host: HostIndex) -> Observed<GuestState.RunState?> {
    switch host.guest(manager) {
    case .known(let guest): .known(guest?.run)
    case .unavailable(let reason): .unavailable(reason)
    }
  }

  private static func isBefore(_ one: GuestManager, _ other: GuestManager) -> Bool {
    one.kind == other.kind
      ? one.name.utf8.lexicographicallyPrecedes(other.name.utf8) : one.kind < other.kind
  }
}

/// The parent of each function.
private struct TopologyOrder {
  private(set) var parents: [PCIAddress: PCIAddress?] = [:]

  /// Adds a function and the bridges before it. A snapshot may contain anything, also a cycle, so a parent is
  /// always a bridge that was added before or a PF that is not a VF itself.
  mutating func add(
    _ address: PCIAddress, _ function: PCIFunction?, among shown: [PCIAddress: PCIFunction?]
  ) {
    if let place = function?.virtualFunction, let port = shown[place.physicalFunction] ?? nil,
      port.virtualFunction == nil
    {
      parents[address] = place.physicalFunction
      return
    }
    var parent: PCIAddress?
    for bridge in Self.bridges(before: address, function) where shown[bridge] == nil {
      if parents[bridge] == nil { parents[bridge] = .some(parent) }
      parent = bridge
    }
    parents[address] = .some(parent)
  }

  /// Returns the bridges from the root port to the function; empty if the path is not that of the function.
  static func bridges(before address: PCIAddress, _ function: PCIFunction?) -> [PCIAddress] {
    let all = function?.way ?? []
    return all.last == address ? Array(all.dropLast()) : []
  }

  var ordered: [PCIAddress] {
    let children = Dictionary(grouping: parents.keys) { parents[$0] ?? nil }.mapValues { $0.sorted() }
    var result: [PCIAddress] = []
    var next = Array((children[nil] ?? []).reversed())
    while let address = next.popLast() {
      result.append(address)
      next += (children[address] ?? []).reversed()
    }
    return result
  }
}
