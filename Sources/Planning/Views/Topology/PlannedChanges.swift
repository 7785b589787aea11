import Documents
import HostModel
import Manifests

/// What a plan does to each function, and to the devices of each guest.
struct PlannedChanges {
  private(set) var actions: [PCIAddress: [Action]] = [:]
  private(set) var references: [PCIAddress: NICReference] = [:]
  /// The VFs that the plan creates.
  private(set) var createdVFs: [PCIAddress: PCIFunction] = [:]
  private(set) var guestNames: [GuestManager: String] = [:]
  /// The codes of the refusals, by function.
  private(set) var refused: [PCIAddress: [String]] = [:]
  private(set) var unplaced: [Refusal] = []
  private var going: Set<PCIAddress> = []
  /// The VFs that the plan deletes and creates again.
  private var renewed: Set<PCIAddress> = []
  private var moves: [PCIAddress: [GuestManager: [DeviceChange]]] = [:]
  /// The claims on refused functions.
  private var claims: [PCIAddress: [GuestManager: String]] = [:]
  /// What claims of pools get, by function.
  private var assignments: [PCIAddress: Assignment] = [:]

  /// Creates the value for a topology without a plan.
  init() {}

  init(_ plan: Plan, _ resolved: ResolvedRequest) {
    let (host, resolution) = (resolved.host, resolved.resolution)
    references = resolution.nics
    for guest in plan.request.guests {
      if let manager = host.manager(of: guest) { guestNames[manager] = guest.name }
    }
    assignments = Dictionary(
      resolved.assignments.map { ($0.address, $0) }, uniquingKeysWith: { one, _ in one })
    for step in plan.steps { add(step.action, host) }
    addRefusals(of: plan, resolution, host)
  }

  private mutating func add(_ action: Action, _ host: HostIndex) {
    if let change = action.changedDevice {
      moves[change.hostdev.address, default: [:]][change.placement.guest, default: []].append(change)
      return
    }
    guard let address = action.function else { return }
    actions[address, default: []].append(action)
    guard let after = action.kind.virtualFunctions(afterwardsOn: host) else { return }
    let before = Set((host.virtualFunctions[address] ?? []).map(\.address))
    for function in after where !before.contains(function.address) { createdVFs[function.address] = function }
    renewed.formUnion(before.intersection(after.map(\.address)))
    going.formUnion(before.subtracting(after.map(\.address)))
  }

  private mutating func addRefusals(of plan: Plan, _ resolution: Resolution, _ host: HostIndex) {
    var places = Dictionary(
      resolution.functions.map { ("\($0)", $1.address) }, uniquingKeysWith: { one, _ in one })
    for report in plan.guards where report.verdict == .refused {
      // A function that does not match the manifest's `expect` is not the NIC of the manifest.
      if let nic = report.nic, places[nic] == nil { places[nic] = report.function }
      // The refusal of the report has the code. A report without a refusal has the name of its
      // guard.
      let refusal = plan.refusals.first { $0.isReported(by: report) }
      add(refusal?.code.rawValue ?? report.which.rawValue, to: report.function)
    }
    for refusal in plan.refusals {
      if let address = refusal.nic.flatMap({ places[$0] }) {
        add(refusal.code.rawValue, to: address)
      } else if refusal.nic != nil || !plan.guards.contains(where: { refusal.isReported(by: $0) }) {
        unplaced.append(refusal)
      }
    }
    for guest in plan.assignedRequest.guests {
      guard let manager = host.manager(of: guest) else { continue }
      for claim in guest.spec.nics {
        guard let address = places["\(claim.from.value)"], refused[address] != nil else { continue }
        claims[address, default: [:]][manager] = claim.name.value
      }
    }
  }

  private mutating func add(_ code: String, to address: PCIAddress) {
    if refused[address]?.contains(code) != true { refused[address, default: []].append(code) }
  }

  /// The functions that the plan is about.
  var addresses: Set<PCIAddress> {
    Set(actions.keys).union(createdVFs.keys).union(refused.keys).union(moves.keys)
  }

  var managers: Set<GuestManager> {
    Set(moves.values.flatMap(\.keys)).union(claims.values.flatMap(\.keys))
  }

  func change(of address: PCIAddress) -> PlannedChange? {
    if refused[address] != nil { return .refused }
    if createdVFs[address] != nil { return .added }
    if going.contains(address) { return .removed }
    return actions[address] != nil || renewed.contains(address) ? .changed : nil
  }

  /// Returns the assignment of the function to the guest, if a claim of a pool gets it.
  private func assignment(of address: PCIAddress, to guest: GuestManager) -> Assignment? {
    assignments[address].flatMap { guestNames[guest] == $0.guest ? $0 : nil }
  }

  /// - Parameter guests: the index of each guest that has a function or gets one.
  func holdings(
    of address: PCIAddress, _ host: HostIndex, _ guests: [GuestManager: Int]
  ) -> [TopologyHolding] {
    let held = Dictionary(grouping: host.holdings[address] ?? [], by: \.guest)
    let (moved, claimed) = (moves[address] ?? [:], claims[address] ?? [:])
    return Set(held.keys).union(moved.keys).union(claimed.keys)
      .compactMap { guest in
        guests[guest].map {
          holding(
            of: address, in: $0, held[guest] ?? [], moved[guest] ?? [], claimed: claimed[guest],
            assignment(of: address, to: guest))
        }
      }.sorted { $0.guest < $1.guest }
  }

  private func holding(
    of address: PCIAddress, in guest: Int, _ before: [Holding], _ moves: [DeviceChange],
    claimed: String?, _ assignment: Assignment?
  ) -> TopologyHolding {
    var aliases = Dictionary(before.map { ($0.part, $0.hostdev.alias) }) { one, _ in one }
    for move in moves {
      aliases[move.placement.part] = move.isAdded ? .some(move.hostdev.alias) : nil
    }
    let change: PlannedChange? =
      if before.isEmpty, claimed != nil { .refused } else if moves.isEmpty { nil } else if before.isEmpty {
        .added
      } else { aliases.isEmpty ? .removed : .changed }
    let marks =
      aliases.isEmpty ? before.map(\.hostdev.alias) : Placement.Part.allCases.map { aliases[$0] ?? nil }
    return TopologyHolding(
      function: address, guest: guest,
      nic: marks.lazy.compactMap { Ownership.nic(ofAlias: $0) }.first ?? (before.isEmpty ? claimed : nil),
      network: before.lazy.compactMap(\.network).first, assignment: assignment,
      before: Set(before.map(\.part)), after: Set(aliases.keys), change: change)
  }
}

extension Refusal {
  /// Whether the report of a guard states the same refusal.
  fileprivate func isReported(by report: GuardReport) -> Bool {
    report.verdict == .refused && report.found.contains(message)
  }
}
