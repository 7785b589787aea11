import Documents
import HostModel
import Manifests

/// Decides how each function changes, and makes the steps of the changes that guards do not refuse.
struct PlanBuilder {
  let resolved: ResolvedRequest
  var steps: [Step] = []
  /// The modules that the plan loads.
  var loads: Set<String> = []
  /// The ids of steps that unbind VFs before they are deleted.
  var releases: Set<String> = []

  init(_ resolved: ResolvedRequest) {
    self.resolved = resolved
    claimants = Dictionary(
      resolved.request.guests.flatMap { guest in guest.spec.nics.map { ($0.from.value, guest.name) } },
      uniquingKeysWith: { first, _ in first })
  }

  var request: Request { resolved.request }
  var host: HostIndex { resolved.host }
  private var names: GuestNames { resolved.names }
  /// The name of the guest that claims each NIC.
  private let claimants: [NICReference: String]

  func name(of guest: GuestManager) -> String { names[guest] }

  /// Whether a manifest of this run describes the guest.
  func isInScope(_ guest: GuestManager) -> Bool { names.described(guest) != nil }

  /// Returns the context in which guards judge these changes.
  func context(of changes: [ProposedChange]) -> GuardContext {
    let claims = resolved.resolution.nics.compactMapValues { resolved.claims[$0] }
    return GuardContext(
      host: host, direction: .forward(prunes: request.prune), part: request.part, changes: changes,
      claims: claims, names: names)
  }

  // MARK: What the run is limited to

  /// Whether the run includes a NIC with all of its VFs.
  func isTargeted(nic: String) -> Bool {
    request.includes(nic: nic)
      || claimants.contains { claim, guest in claim.nic == nic && request.targets.contains(.guest(guest)) }
  }

  /// The guests that the run includes, by themselves or because they claim an included NIC.
  var targetedGuests: [GuestManifest] {
    request.guests.filter { guest in
      request.targets.isEmpty || request.targets.contains(.guest(guest.name))
        || guest.spec.nics.contains { request.includes(nic: $0.from.value.nic) }
    }
  }

  private func isTargeted(_ candidate: Candidate) -> Bool {
    if request.targets.isEmpty { return true }
    if let reference = candidate.reference {
      if request.includes(nic: reference.nic) { return true }
      // The VFs of a guest need their PF, but not the other VFs.
      let isTarget =
        reference.virtualFunction == nil
        ? isTargeted(nic: reference.nic)
        : claimants[reference].map { request.targets.contains(.guest($0)) } ?? false
      if isTarget { return true }
    }
    return candidate.holdings.contains { holding in
      holding.isAssignedByPcipass
        && names.described(holding.guest).map { request.targets.contains(.guest($0)) } ?? false
    }
  }

  // MARK: Deciding

  /// Returns the proposed change of each function that the run includes.
  func changes() -> [ProposedChange] {
    let partly = Set(claimants.keys.filter { $0.virtualFunction != nil }.map(\.nic))
    let changes = Candidate.all(resolved).filter(isTargeted).map { candidate in
      var candidate = candidate
      candidate.hasClaimedVFs = candidate.reference.map { partly.contains($0.nic) } ?? false
      return change(of: candidate)
    }
    return request.part == .host ? sparingSharedMACs(changes) : changes
  }

  private func change(of candidate: Candidate) -> ProposedChange {
    var change = ProposedChange(of: candidate)
    if let function = candidate.function, !function.unreadable.isEmpty {
      change.refuse(
        .hardware, .unavailable, "\(function.address) could not be read completely",
        details: function.unreadable)
    }
    decideHoldings(&change)
    decideNetwork(&change)
    decideClaim(&change)
    decideVirtualFunctions(&change)
    decideSettings(&change)
    decideDriver(&change)
    if request.part == .host { spareGuests(&change) }
    change.driverAtResize =
      change.goal.map { $0.isChosenByKernel ? candidate.function?.nativeDriver : $0.driver }
      ?? candidate.function?.driver
    return change
  }
}
