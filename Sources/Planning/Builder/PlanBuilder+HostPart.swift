import Documents
import HostModel
import Manifests

/// What a run that does not look at guests (`--part host`) leaves as it is. Any function may be
/// in the definition of a guest, so it is bound or configured only if a manifest claims or reserves it and no
/// process has it open.
extension PlanBuilder {
  /// Removes from a change what a guest might lose by it.
  func spareGuests(_ change: inout ProposedChange) {
    guard let function = change.candidate.function, !change.candidate.isCreatedByPlan,
      change.goal != nil || change.configure != nil
    else { return }
    if change.configure != nil, change.candidate.guestClaim == nil {
      (change.configure, change.left) = (nil, .unclaimed)
    }
    guard let reason = reasonToLeave(function, change) else { return }
    (change.goal, change.configure, change.left) = (nil, nil, reason)
  }

  private func reasonToLeave(_ function: PCIFunction, _ change: ProposedChange) -> LeftForGuests? {
    let isWanted = change.candidate.guestClaim != nil || change.candidate.nic?.reserve ?? false
    guard isWanted else { return .unclaimed }
    // The binding and the settings of a running guest's function stay unchanged.
    if Drivers.isPassthrough(function.driver), case .violated(let use) = function.processUse {
      return .open(use.found)
    }
    let leavesGuests =
      change.goal.map { $0.driver != function.driver && !Drivers.isPassthrough($0.driver) } ?? false
    return leavesGuests && !host.siblings(of: function).isEmpty ? .group : nil
  }

  /// Returns the changes without settings whose MAC address another VF keeps: a card gives frames to the wrong
  /// one of two.
  func sparingSharedMACs(_ changes: [ProposedChange]) -> [ProposedChange] {
    var changes = changes
    let isSettled = Set(changes.filter { $0.candidate.guestClaim != nil && $0.left == nil }.map(\.address))
    var kept: [MACAddress: PCIAddress] = [:]
    for function in host.state.functions where !isSettled.contains(function.address) {
      guard let mac = function.virtualFunction?.settings.value?.mac, !mac.isZero else { continue }
      kept[mac] = function.address
    }
    var isDone = false
    while !isDone {
      isDone = true
      for index in changes.indices {
        guard let configure = changes[index].configure, let other = configure.to.mac.flatMap({ kept[$0] })
        else {
          continue
        }
        (changes[index].configure, changes[index].left) = (nil, .sharedMAC(other))
        // The VF keeps its own address, too, which another one may need.
        if let mac = configure.from.mac, !mac.isZero { kept[mac] = changes[index].address }
        isDone = false
      }
    }
    return changes
  }

  // MARK: Notices

  /// Returns a notice for each device of a guest that is not looked at, and for what is left as it is.
  func hostPartNotices(of changes: [ProposedChange]) -> [Notice] {
    guard request.part == .host else { return [] }
    let devices = request.guests.flatMap { guest in
      guest.spec.nics.filter { request.includes(nic: $0.from.value.nic) }.map { claim in
        let nic = claim.from.value
        return Notice(
          .notLookedAt, nic: resolved.resolution.functions[nic] == nil ? nic.entry : "\(nic)",
          guest: guest.name, "the device \(claim.name.value) of \(guest.name) is not looked at (--part host)")
      }
    }
    return devices + leftNotices(of: changes)
  }

  /// Returns one notice for the functions of a NIC that are left for the same reason.
  private func leftNotices(of changes: [ProposedChange]) -> [Notice] {
    struct Group: Hashable {
      let nic: String?
      let reason: LeftForGuests
    }
    var order: [Group] = []
    var members: [Group: [Candidate]] = [:]
    for change in changes {
      guard let left = change.left else { continue }
      let group = Group(nic: change.candidate.nic?.name.value, reason: left)
      if members[group] == nil { order.append(group) }
      members[group, default: []].append(change.candidate)
    }
    return order.map { group in
      let candidates = members[group] ?? []
      return group.reason.notice(
        about: candidates.map(\.address), nic: candidates.count == 1 ? candidates[0].name : group.nic)
    }
  }
}
