import Documents
import HostModel
import Manifests

/// The IOMMU group as one unit: VFIO hands out whole groups.
extension Draft {
  /// VFIO hands out whole groups: each member must be out of the host's hands, and one guest may have it.
  mutating func mayHandOutGroup(_ subject: Subject, _ decision: Decision) -> Bool {
    guard let function = subject.function else { return true }
    let goal = decision.binding(of: function)
    guard Drivers.isPassthrough(goal.map(\.driver) ?? function.driver) || !decision.attach.isEmpty else {
      return goal.map { $0.driver == function.driver } ?? true || mayLeaveGroup(subject, function)
    }
    guard goal != nil || !decision.attach.isEmpty else { return true }
    let siblings = host.siblings(of: function)
    let staying = siblings.filter { !isOutOfTheHostsHands($0) && !isTakenAtStart($0, with: subject) }
    guard staying.isEmpty else {
      refuse(
        .iommuGroup, subject,
        "\(function.address) shares its IOMMU group with functions that stay on the host",
        details: members(function, staying: staying),
        help: "hand out or reserve the whole group, or put the card into a slot with a group of its own")
      return false
    }
    guard let wanted = subject.wanted else { return true }
    let guest = wanted.guest.name
    let isDivided = siblings.contains { sibling in
      resolution.nics[sibling.address].flatMap { claimants[$0] }.map { $0 != guest } ?? false
        || (host.holdings[sibling.address] ?? []).contains {
          $0.guest != wanted.guest.manager && !isDetached($0.hostdev, $0.placement)
        }
    }
    guard !isDivided else {
      refuse(
        .iommuGroup, subject, "one IOMMU group cannot be divided between guests",
        details: members(function, staying: []), help: "give all its functions to \(guest)")
      return false
    }
    return true
  }

  /// While a guest has a member, or is to have it, no other goes to a driver of the host: the kernel refuses
  /// that while the guest runs, and the guest would not start again.
  mutating func mayLeaveGroup(_ subject: Subject, _ function: PCIFunction) -> Bool {
    let isHandedOut = host.siblings(of: function).contains { sibling in
      let decision = decisions[sibling.address]
      guard Drivers.isPassthrough(decision?.goal.map(\.driver) ?? sibling.driver) else { return false }
      return !(decision?.attach.isEmpty ?? true)
        || (host.holdings[sibling.address] ?? []).contains { !isDetached($0.hostdev, $0.placement) }
    }
    guard isHandedOut else { return true }
    refuse(
      .iommuGroup, subject,
      "\(function.address) cannot go back to the host while others of its IOMMU group are handed out",
      details: members(function, staying: []), help: "reserve it, or release the whole group")
    return false
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
    let driver =
      decisions[function.address]?.goal.map { $0.isKernelsChoice ? "" : $0.driver } ?? function.driver
    guard let driver else { return true }
    return Drivers.isPassthrough(driver) || Drivers.opensVFIO(driver) || driver == "pcieport"
  }

  private func members(_ function: PCIFunction, staying: [PCIFunction]) -> [String] {
    (host.siblings(of: function) + [function]).sorted { $0.address < $1.address }.map { member in
      let stays = staying.contains { $0.address == member.address }
      return member.summary + (stays ? " (stays on the host)" : "")
    }
  }
}
