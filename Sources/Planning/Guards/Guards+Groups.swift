import Documents
import HostModel
import Manifests

/// The IOMMU group as one unit: VFIO hands out whole groups.
extension Draft {
  /// Whether the group lets the function go where it is to go: to a guest, or back to the host.
  mutating func mayHandOutGroup(_ subject: Subject, _ decision: Decision) -> Bool {
    guard let function = subject.function else { return true }
    let goal = decision.binding(of: function)
    guard Drivers.isPassthrough(goal.map(\.driver) ?? function.driver) || !decision.attach.isEmpty else {
      return goal.map { $0.driver == function.driver } ?? true || mayLeaveGroup(subject, function)
    }
    guard goal != nil || !decision.attach.isEmpty else { return true }
    return passes(.iommuGroup, subject, companions(of: function, subject))
  }

  /// VFIO hands out whole groups: each member must be out of the host's hands, and one guest may have it.
  private func companions(of function: PCIFunction, _ subject: Subject) -> Finding? {
    let siblings = host.siblings(of: function)
    let staying = siblings.filter { !isOutOfTheHostsHands($0) && !isTakenAtStart($0, with: subject) }
    guard staying.isEmpty else {
      return .against(
        Objection(
          .iommuGroup,
          "\(function.address) shares its IOMMU group with functions that stay on the host",
          details: members(function, staying: staying),
          help: "hand out or reserve the whole group, or put the card into a slot with a group of its own"))
    }
    if let wanted = subject.wanted, isDivided(siblings, wanted.guest) {
      return .against(
        Objection(
          .iommuGroup, "one IOMMU group cannot be divided between guests",
          details: members(function, staying: []), help: "give all its functions to \(wanted.guest.name)"))
    }
    guard function.iommuGroup != nil else { return nil }
    let others = siblings.map { "\($0.address), \(fate(of: $0, beside: subject))" }
    return .clear(others.isEmpty ? "alone in its group" : "with " + others.joined(separator: ", and "))
  }

  private func isDivided(_ siblings: [PCIFunction], _ guest: GuestManifest) -> Bool {
    siblings.contains { sibling in
      resolution.nics[sibling.address].flatMap { claimants[$0] }.map { $0 != guest.name } ?? false
        || (host.holdings[sibling.address] ?? []).contains {
          $0.guest != guest.manager && !isDetached($0.hostdev, $0.placement)
        }
    }
  }

  /// Why another of the group is not in the way.
  private func fate(of sibling: PCIFunction, beside subject: Subject) -> String {
    let claimant = resolution.nics[sibling.address].flatMap { claimants[$0] }
    if let claimant, claimant == subject.wanted?.guest.name { return "which goes to the same guest" }
    if sibling.deviceClass.isBridge { return "a bridge" }
    return driverToBe(of: sibling).map { "which is on \($0)" } ?? "which has no driver"
  }

  /// While a guest has a member, or is to have it, no other goes to a driver of the host: the kernel refuses
  /// that while the guest runs, and the guest would not start again.
  mutating func mayLeaveGroup(_ subject: Subject, _ function: PCIFunction) -> Bool {
    passes(.iommuGroup, subject, leavingGroup(function))
  }

  private func leavingGroup(_ function: PCIFunction) -> Finding? {
    guard function.iommuGroup != nil else { return nil }
    let siblings = host.siblings(of: function)
    let isHandedOut = siblings.contains { sibling in
      let decision = decisions[sibling.address]
      guard Drivers.isPassthrough(decision?.goal.map(\.driver) ?? sibling.driver) else { return false }
      return !(decision?.attach.isEmpty ?? true)
        || (host.holdings[sibling.address] ?? []).contains { !isDetached($0.hostdev, $0.placement) }
    }
    guard isHandedOut else {
      return .clear(siblings.isEmpty ? "alone in its group" : "no guest keeps another of its group")
    }
    return .against(
      Objection(
        .iommuGroup,
        "\(function.address) cannot go back to the host while others of its IOMMU group are handed out",
        details: members(function, staying: []), help: "reserve it, or release the whole group"))
  }

  /// When a guest that is off starts, libvirt takes all that it is to have at once.
  private func isTakenAtStart(_ sibling: PCIFunction, with subject: Subject) -> Bool {
    guard let guest = subject.wanted?.guest, host.guests[guest.manager]?.live == nil,
      let reference = resolution.nics[sibling.address]
    else { return false }
    return guest.spec.nics.contains { $0.from.value == reference && $0.bind == .onStart }
  }

  /// As the kernel sees it: no driver, a driver that leaves DMA to users, or a bridge's port driver.
  private func isOutOfTheHostsHands(_ function: PCIFunction) -> Bool {
    if let decision = decisions[function.address], decision.goal == nil, decision.mayBePutBack {
      return false
    }
    return leavesDMAToUsers(driverToBe(of: function))
  }

  /// Empty where the kernel is to choose.
  private func driverToBe(of function: PCIFunction) -> String? {
    decisions[function.address]?.goal.map { $0.isKernelsChoice ? "" : $0.driver } ?? function.driver
  }

  private func members(_ function: PCIFunction, staying: [PCIFunction]) -> [String] {
    (host.siblings(of: function) + [function]).sorted { $0.address < $1.address }.map { member in
      let stays = staying.contains { $0.address == member.address }
      return member.summary + (stays ? " (stays on the host)" : "")
    }
  }
}

/// Whether the kernel lets a guest have the group of a function on this driver.
func leavesDMAToUsers(_ driver: String?) -> Bool {
  guard let driver else { return true }
  return Drivers.isPassthrough(driver) || Drivers.opensVFIO(driver) || driver == "pcieport"
}
