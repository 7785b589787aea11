import Documents
import HostModel
import Manifests

/// The number of VFs of a PF, and the settings of each VF, which its PF holds.
extension PlanBuilder {
  /// Decides whether the number of VFs changes. If it does not, the VFs stay, also those that
  /// another program created.
  func decideVirtualFunctions(_ change: inout ProposedChange) {
    guard change.candidate.reference?.virtualFunction == nil,
      let count = change.candidate.nic?.virtualFunctions?.value.count,
      let function = change.candidate.function, let sriov = function.sriov, sriov.count != count
    else { return }
    // The host driver must not bind VFs that are for guests.
    let autoprobe = sriov.autoprobe.map { _ in count == 0 }
    change.resize = (host.vfSet(of: function.address, sriov), VFSet(count: count, autoprobe: autoprobe))
    // With --part host a guard refuses it.
    if request.part == .everything,
      let notice = host.unknownDefinitions(ofVFsOf: function.address, nic: change.candidate.name)
    {
      change.note(.vfSettings, notice)
    }
  }

  /// Decides the settings of a VF. Settings that are not declared get the default of a new VF, so
  /// that no guest inherits the settings of an earlier guest.
  func decideSettings(_ change: inout ProposedChange) {
    let candidate = change.candidate
    guard let function = candidate.function, candidate.physicalFunction != nil,
      let place = function.virtualFunction
    else { return }
    if request.part == .host, let guestClaim = candidate.guestClaim, guestClaim.mayBeElsewhere {
      change.left = .elsewhere(guest: guestClaim.guest.name)
      return
    }
    // The MAC address of a guest that is on another host would take its frames.
    guard let guestClaim = candidate.guestClaim, !guestClaim.isElsewhere else {
      return decideIdleSettings(&change, function, place)
    }
    var now: VFSettings
    switch place.settings {
    case .known(let settings): now = settings
    case .unavailable(let reason):
      change.refuse(
        .vfSettings, .unavailable, "the settings of the VF \(function.address) are unknown: \(reason)",
        origin: guestClaim.claim.from.location?.description)
      return
    }
    var goal = guestClaim.claim.settings.completed
    goal.mac = goal.mac ?? host.stableMAC(of: place, on: request.host.name)
    let declared = goal
    goal = now.counterpart(in: .initial).with(goal)
    let live = candidate.liveHolding?.hostdev
    switch (live?.device, guestClaim.claim.device) {
    case (.interface?, _):
      // The running guest keeps the MAC address and the VLAN that libvirt set: another address would cut it
      // off.
      goal.mac = live?.mac ?? goal.mac
      goal.vlan = live?.vlan.map { VLAN(id: $0) } ?? VLAN.none
    case (_, .interface):
      // libvirt sets both when the guest gets the interface, and resets them afterwards.
      (goal.mac, goal.vlan) = (nil, nil)
    case (_, .hostdev): break
    }
    // libvirt resets both when the interface is removed from its guest, which happens before this
    // step.
    if change.releasesInterface {
      (now.mac, now.vlan) = (nil, nil)
    }
    let missing = goal.difference(from: now)
    guard !missing.isEmpty else { return }
    let physical = host.functions[place.physicalFunction]
    if let problem = VFDriverLimits.problem(with: missing, declared, of: physical, now) {
      change.refuse(
        .vfSettings, .unsupported,
        "the PF \(place.physicalFunction) cannot apply the settings of the VF \(function.address): \(problem)",
        origin: guestClaim.claim.name.location?.description)
      return
    }
    configure(&change, function, place, missing, now)
  }

  /// Removes the MAC address, VLAN and trust of the last guest from a VF that no guest claims or has and the
  /// host does not use. Some drivers refuse a MAC address of zeros, so the VF gets the address that it would
  /// have in a guest, which no other VF has.
  private func decideIdleSettings(
    _ change: inout ProposedChange, _ function: PCIFunction, _ place: VirtualFunction
  ) {
    guard !change.isHeldElsewhere, !change.candidate.isCreatedByPlan, !Drivers.isNative(function.driver),
      case .known(var now) = place.settings
    else { return }
    var goal = VFSettings()
    // When an interface is removed from its guest, libvirt restores the earlier settings, which may
    // be the settings of another guest.
    let isPutBack = change.releasesInterface
    if isPutBack || !(now.mac?.isZero ?? true) {
      goal.mac = host.stableMAC(of: place, on: request.host.name)
    }
    if isPutBack || now.vlan != nil { goal.vlan = VLAN.none }
    if isPutBack { (now.mac, now.vlan) = (nil, nil) }
    if now.trust != nil { goal.trust = false }
    let missing = goal.difference(from: now)
    guard !missing.isEmpty else { return }
    configure(&change, function, place, missing, now)
  }

  private func configure(
    _ change: inout ProposedChange, _ function: PCIFunction, _ place: VirtualFunction, _ missing: VFSettings,
    _ now: VFSettings
  ) {
    change.configure = (
      VFLocation(address: function.address, physicalFunction: place.physicalFunction, index: place.index),
      missing.counterpart(in: now), missing
    )
  }
}
