import Documents
import HostModel
import Manifests

/// What guards look at: the host as observed, all that is proposed for it, and what guests claim.
struct GuardContext {
  let host: HostIndex
  let direction: GuardDirection
  /// By the function that they change.
  private(set) var changes: [PCIAddress: ProposedChange]
  /// Which guest claims a function, and how. A way back asks for no claims: what guests have at its end counts.
  let claims: [PCIAddress: GuestClaim]
  let names: GuestNames
  /// What steps have put into definitions, or will: where it is asked at the moment of a step.
  let plannedPlacements: Set<PlannedPlacement>?
  /// What was so before the run that a way back is of, where that is known.
  let before: [Fact]?
  /// Whether the processes that have functions open were read for this. At the moment of a step of which no guard asks that,
  /// the host holds what was known before, by which no guard judges.
  let knowsHolders: Bool

  init(
    host: HostIndex, direction: GuardDirection, changes: [ProposedChange],
    claims: [PCIAddress: GuestClaim] = [:],
    names: GuestNames, plannedPlacements: Set<PlannedPlacement>? = nil, before: [Fact]? = nil,
    knowsHolders: Bool = true
  ) {
    self.host = host
    self.direction = direction
    self.changes = Dictionary(
      changes.map { ($0.address, $0) }, uniquingKeysWith: { first, _ in first })
    self.claims = claims
    self.names = names
    self.plannedPlacements = plannedPlacements
    self.before = before
    self.knowsHolders = knowsHolders
  }

  var isForward: Bool { if case .forward = direction { true } else { false } }

  /// Whether guests must be able to start with how it ends. A run that is not final goes back to what was there before it,
  /// whether or not a guest could have started with that.
  var judgesStarts: Bool { !undoesUnfinishedRun }

  /// The same of a function: where the group that it goes back to has changed since the run began, that is judged all the same.
  func judgesStarts(with function: PCIFunction) -> Bool { judgesStarts || !endsAsBefore(function) }

  /// Whether this is the undo of a run that is not final: it failed, was interrupted, or was not confirmed.
  var undoesUnfinishedRun: Bool {
    switch direction {
    case .back(.failed), .back(.interrupted): true
    case .forward, .back(.final): false
    }
  }

  /// The function, where libvirt takes it from the host when the guest starts with how it ends. No guard is asked then.
  func takenAtStart(_ change: ProposedChange) -> PCIFunction? { judgesStarts ? change.takenAtStart : nil }

  /// The same without what was refused, and without VFs that do not come for that reason: these can go nowhere.
  func without(_ refused: Set<PCIAddress>) -> GuardContext {
    guard !refused.isEmpty else { return self }
    var result = self
    result.changes = changes.filter { address, change in
      guard !refused.contains(address) else { return false }
      guard change.candidate.isComing, let physical = change.candidate.physicalFunction else { return true }
      return changes[physical]?.resize != nil && !refused.contains(physical)
    }
    return result
  }

  func name(of guest: GuestManager) -> String { names[guest] }

  func isDetached(_ hostdev: Hostdev, _ placement: Placement) -> Bool {
    changes[hostdev.address]?.detach.contains { $0.hostdev == hostdev && $0.placement == placement } ?? false
  }
}

// MARK: The end state

extension GuardContext {
  /// The driver that a function has in the end; empty where the kernel chooses.
  func driverAtEnd(of function: PCIFunction) -> String? {
    changes[function.address]?.goal.map { $0.isKernelsChoice ? "" : $0.driver } ?? function.driver
  }

  /// As the kernel sees it in the end: no driver, a driver that leaves DMA to users, or a bridge's port driver.
  func leavesDMAToUsersAtEnd(_ function: PCIFunction) -> Bool {
    // libvirt puts it back to a driver that is not known.
    if let change = changes[function.address], change.goal == nil, change.mayBePutBack { return false }
    return leavesDMAToUsers(driverAtEnd(of: function))
  }

  /// The guests that have a function in the end, and in which of their lists.
  func placementsAtEnd(of address: PCIAddress, where isMeant: (Hostdev) -> Bool = { _ in true })
    -> [Placement]
  {
    holdingsAtEnd(of: address).filter { isMeant($0.hostdev) }.map(\.placement)
  }

  private func holdingsAtEnd(of address: PCIAddress) -> [Holding] {
    (host.holdings[address] ?? []).filter { !isDetached($0.hostdev, $0.placement) }
      + (changes[address]?.attach ?? []).map { attachment in
        Holding(
          guest: attachment.placement.guest, part: attachment.placement.part, hostdev: attachment.hostdev,
          isOurs: true, network: nil)
      }
  }

  /// Whether the group of a function ends as it was before the run: the same definitions have its members, and those are in
  /// the host's hands or out of them as they were. What is not known does not differ.
  func endsAsBefore(_ function: PCIFunction) -> Bool {
    guard let before else { return true }
    return ([function] + host.siblings(of: function)).allSatisfy { member in
      func value(_ attribute: String) -> String? {
        before.first { $0.subject == "\(member.address)" && $0.attribute == attribute }?.value
      }
      let holdings = holdingsAtEnd(of: member.address).filter { $0.part == .persistent }.map(\.description)
      let isHeldAsBefore = value("guests").map { guests in
        Set(guests.split(separator: "; ").filter { $0.contains(", persistent: ") }.map(String.init))
          == Set(holdings)
      }
      let isBoundAsBefore = value("driver").map {
        leavesDMAToUsers($0 == "none" ? nil : $0) == leavesDMAToUsersAtEnd(member)
      }
      return isHeldAsBefore ?? true && isBoundAsBefore ?? true
    }
  }
}

/// Whether the kernel lets a guest have the group of a function on this driver.
func leavesDMAToUsers(_ driver: String?) -> Bool {
  guard let driver else { return true }
  return Drivers.isPassthrough(driver) || driver == "pcieport"
}
