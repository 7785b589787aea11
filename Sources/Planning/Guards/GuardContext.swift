import Documents
import HostModel
import Manifests

/// The input of guards: the observed host, all proposed changes, and the claims of guests.
struct GuardContext {
  let host: HostIndex
  let direction: GuardDirection
  /// The part of the host that is planned. Questions about guests are not asked if it is the host alone.
  let part: RequestPart
  /// The proposed changes, by the function that they change.
  private(set) var changes: [PCIAddress: ProposedChange]
  /// The claims by function. Empty in a rollback, where the guests that have a function in the end count
  /// instead.
  let claims: [PCIAddress: GuestClaim]
  let names: GuestNames
  /// The definitions that the steps of the plan add devices to; `nil` if the question is not
  /// evaluated before a single step.
  let plannedPlacements: Set<PlannedPlacement>?
  /// The facts from before the run that is undone, as far as they are known.
  let before: [Fact]?
  /// Whether the processes that have functions open were read for these questions. If not, the host
  /// has an old value, which guards do not use.
  let knowsHolders: Bool

  init(
    host: HostIndex, direction: GuardDirection, part: RequestPart = .everything, changes: [ProposedChange],
    claims: [PCIAddress: GuestClaim] = [:],
    names: GuestNames, plannedPlacements: Set<PlannedPlacement>? = nil, before: [Fact]? = nil,
    knowsHolders: Bool = true
  ) {
    self.host = host
    self.direction = direction
    self.part = part
    self.changes = Dictionary(
      changes.map { ($0.address, $0) }, uniquingKeysWith: { first, _ in first })
    self.claims = claims
    self.names = names
    self.plannedPlacements = plannedPlacements
    self.before = before
    self.knowsHolders = knowsHolders
  }

  var isForward: Bool { if case .forward = direction { true } else { false } }

  /// Whether guests must be able to start with the end state. The undo of a run that is not final
  /// leads to the state before the run, whether or not a guest could have started then.
  var guestsMustStart: Bool { !undoesUnfinishedRun }

  /// Whether guests must be able to start with the function as it is in the end. It is always
  /// judged if its IOMMU group would end in another state than before the run.
  func guestsMustStart(with function: PCIFunction) -> Bool {
    guestsMustStart || !groupEndsUnchanged(function)
  }

  /// Whether this is the undo of a run that is not final: it failed, was interrupted, or was not confirmed.
  var undoesUnfinishedRun: Bool {
    switch direction {
    case .back(.failed), .back(.interrupted): true
    case .forward, .back(.final): false
    }
  }

  /// Returns the function if libvirt binds it to a passthrough driver when the guest starts. Guards
  /// are not evaluated at that moment.
  func boundAtGuestStart(_ change: ProposedChange) -> PCIFunction? {
    guestsMustStart ? change.boundAtGuestStart : nil
  }

  /// Returns the context without refused changes, and without VFs that are not created because their PF is
  /// refused.
  func without(_ refused: Set<PCIAddress>) -> GuardContext {
    guard !refused.isEmpty else { return self }
    var result = self
    result.changes = changes.filter { address, change in
      guard !refused.contains(address) else { return false }
      guard change.candidate.isCreatedByPlan, let physical = change.candidate.physicalFunction else {
        return true
      }
      return changes[physical]?.resize != nil && !refused.contains(physical)
    }
    return result
  }

  func name(of guest: GuestManager) -> String { names[guest] }

  /// Whether the changes remove the device from its guest.
  func isDetached(_ hostdev: Hostdev, _ placement: Placement) -> Bool {
    changes[hostdev.address]?.detach.contains { $0.hostdev == hostdev && $0.placement == placement } ?? false
  }
}

// MARK: The end state

extension GuardContext {
  /// Returns the driver that a function has in the end; an empty text if the kernel chooses it.
  func driverAtEnd(of function: PCIFunction) -> String? {
    changes[function.address]?.goal.map { $0.isChosenByKernel ? "" : $0.driver } ?? function.driver
  }

  /// Whether the kernel lets a guest open the IOMMU group with the driver that the function has in the end:
  /// none, a driver that leaves DMA to users, or the port driver of a bridge.
  func allowsUserDMAAtEnd(_ function: PCIFunction) -> Bool {
    // libvirt binds the function to a driver that is unknown here.
    if let change = changes[function.address], change.goal == nil, change.isReboundOnRelease { return false }
    return allowsUserDMA(driverAtEnd(of: function))
  }

  /// Returns the guests that have a function in the end, in their definition or while they run.
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
          isAssignedByPcipass: true, network: nil)
      }
  }

  /// Whether the IOMMU group of a function ends as it was before the run: in the same definitions, and with
  /// each member on the same kind of driver. Unknown values count as equal.
  func groupEndsUnchanged(_ function: PCIFunction) -> Bool {
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
        allowsUserDMA($0 == "none" ? nil : $0) == allowsUserDMAAtEnd(member)
      }
      return isHeldAsBefore ?? true && isBoundAsBefore ?? true
    }
  }
}

/// Whether the kernel lets a guest open the IOMMU group of a function on this driver (Linux,
/// `Documentation/driver-api/vfio.rst`).
func allowsUserDMA(_ driver: String?) -> Bool {
  guard let driver else { return true }
  return Drivers.isPassthrough(driver) || driver == "pcieport"
}
