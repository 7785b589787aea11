import Documents
import HostModel
import Manifests

/// Checks that an IOMMU group is used as one unit, because VFIO gives access to whole groups (Linux,
/// `Documentation/driver-api/vfio.rst`).
enum IOMMUGroupGuard {
  static let questions = [
    // A process that has another function of the group open has this one open, too. The group is
    // judged first, because its message contains the remedy.
    GuardQuestion(.leavingGroup, .transition) { change, context in
      guard let (function, goal) = change.rebinding, !Drivers.isPassthrough(goal.driver) else { return [] }
      return results(context.leavingGroup(function))
    },
    GuardQuestion(.group, .endState) { change, context in
      guard let function = change.candidate.function else { return [] }
      let goal = change.binding
      let isForGuests = Drivers.isPassthrough(goal.map(\.driver) ?? function.driver)
      if isForGuests || !change.attach.isEmpty || change.isClaimedInPlace {
        guard goal != nil || !change.attach.isEmpty || change.isInPlace else { return [] }
        guard context.judgesGroup(of: function) else { return [] }
        return results(context.wholeGroup(of: function, change))
      }
      // A function that is removed from a definition stays on the host when that guest starts. In a plan the
      // claims on the rest of the group are judged instead.
      let isLeft =
        !context.isForward && context.guestsMustStart(with: function)
        && change.detach.contains { $0.part == .persistent }
        && !context.allowsUserDMAAtEnd(function)
      guard goal.map({ $0.driver != function.driver }) ?? false || isLeft else { return [] }
      return results(context.leavingGroup(function))
    },
  ]

  private static func results(_ outcome: GuardOutcome?) -> [GuardResult] {
    outcome.map { [GuardResult(.iommuGroup, $0)] } ?? []
  }
}

extension GuardContext {
  /// Whether the end state of the group must be usable. A rollback may leave a function that no guest has on
  /// a passthrough driver.
  fileprivate func judgesGroup(of function: PCIFunction) -> Bool {
    guestsMustStart(with: function) && (isForward || !placementsAtEnd(of: function.address).isEmpty)
  }

  /// Returns whether every function of the group is off the host drivers and only one guest has the group.
  fileprivate func wholeGroup(of function: PCIFunction, _ change: ProposedChange) -> GuardOutcome? {
    let siblings = host.siblings(of: function)
    let staying = siblings.filter { !allowsUserDMAAtEnd($0) && !isTakenAtStart($0, with: change) }
    guard staying.isEmpty else {
      return .violated(
        Violation(
          .iommuGroup,
          "\(function.address) shares its IOMMU group with functions that stay on the host",
          details: members(function, staying: staying),
          help: "assign or reserve the whole group, or move the card to a slot with its own IOMMU group"))
    }
    if let owner = change.owner, isDivided(siblings, owner) {
      return .violated(
        Violation(
          .iommuGroup, "the functions of one IOMMU group cannot be assigned to different guests",
          details: members(function, staying: []), help: "assign the whole group to \(name(of: owner))"))
    }
    guard function.iommuGroup != nil else { return nil }
    let others = siblings.map { "\($0.address) (\(compatibilityReason(of: $0, beside: change)))" }
    return .passed(
      others.isEmpty
        ? "alone in its IOMMU group" : "in one IOMMU group with " + others.joined(separator: ", "))
  }

  private func isDivided(_ siblings: [PCIFunction], _ owner: GuestManager) -> Bool {
    siblings.contains { sibling in
      claims[sibling.address].map { $0.manager != owner } ?? false
        || placementsAtEnd(of: sibling.address).contains { $0.guest != owner }
    }
  }

  /// Returns the reason why another function of the group does no harm.
  private func compatibilityReason(of sibling: PCIFunction, beside change: ProposedChange) -> String {
    if let owner = change.owner, claims[sibling.address]?.manager == owner {
      return "same guest"
    }
    if sibling.deviceClass.isBridge { return "bridge" }
    return driverAtEnd(of: sibling).map { "on \($0)" } ?? "no driver"
  }

  /// Returns whether the function can go to a host driver: no guest may have or get another function of the
  /// group. The kernel refuses it while such a guest runs, and the guest could not start afterwards.
  fileprivate func leavingGroup(_ function: PCIFunction) -> GuardOutcome? {
    guard function.iommuGroup != nil else { return nil }
    let siblings = host.siblings(of: function)
    let mine = placementsAtEnd(of: function.address)
    let isAssigned = siblings.contains { sibling in
      let placements = placementsAtEnd(of: sibling.address)
      if Drivers.isPassthrough(changes[sibling.address]?.goal.map(\.driver) ?? sibling.driver) {
        return !placements.isEmpty
      }
      // The start of its guest removes the other function from the host while this one is still on
      // the host.
      return guestsMustStart(with: function)
        && placements.contains { !mine.contains($0) && blocksStart($0, function, siblings) }
    }
    guard isAssigned else {
      return .passed(
        siblings.isEmpty ? "alone in its IOMMU group" : "no guest has another function of its IOMMU group")
    }
    return .violated(
      Violation(
        .iommuGroup,
        "\(function.address) cannot return to the host while other functions of its IOMMU group are assigned",
        details: members(function, staying: []),
        help: "set reserve: true on the NIC, or release the whole group"))
  }

  /// Whether this function alone prevents a guest from starting with the functions of the group in
  /// its definition.
  private func blocksStart(
    _ placement: Placement, _ function: PCIFunction, _ siblings: [PCIFunction]
  ) -> Bool {
    guard placement.part == .persistent else { return false }
    let wasFree =
      allowsUserDMA(function.driver)
      || (host.holdings[function.address] ?? []).contains { $0.placement == placement }
    return wasFree
      && siblings.allSatisfy {
        allowsUserDMAAtEnd($0) || placementsAtEnd(of: $0.address).contains(placement)
      }
  }

  /// Whether the start of a guest removes the other function from the host together with this one:
  /// libvirt binds all managed devices of a guest before it starts.
  private func isTakenAtStart(_ sibling: PCIFunction, with change: ProposedChange) -> Bool {
    guard let owner = change.owner, host.guests[owner]?.live == nil else { return false }
    switch direction {
    case .forward:
      guard let guestClaim = claims[sibling.address] else { return false }
      return guestClaim.manager == owner && guestClaim.claim.bind == .onStart
    case .back:
      let attached = changes[sibling.address]?.attach.map { ($0.placement, $0.hostdev) } ?? []
      let kept = (host.holdings[sibling.address] ?? [])
        .filter { !isDetached($0.hostdev, $0.placement) }.map { ($0.placement, $0.hostdev) }
      return (attached + kept).contains { placement, hostdev in
        placement == Placement(guest: owner, part: .persistent) && hostdev.isManaged
      }
    }
  }

  private func members(_ function: PCIFunction, staying: [PCIFunction]) -> [String] {
    (host.siblings(of: function) + [function]).sorted { $0.address < $1.address }.map { member in
      let stays = staying.contains { $0.address == member.address }
      return member.summary + (stays ? " (stays on the host)" : "")
    }
  }
}
