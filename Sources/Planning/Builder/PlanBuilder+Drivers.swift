import Documents
import HostModel
import Manifests

/// The driver that each function gets.
extension PlanBuilder {
  func decideDriver(_ change: inout ProposedChange) {
    let candidate = change.candidate
    guard let nic = candidate.nic, let function = candidate.function, !change.isHeldElsewhere else { return }
    let passthrough = passthroughGoal(of: change)
    let isReboundOnRelease = change.isReboundOnRelease || change.isBoundToVariantByLibvirt
    if let guestClaim = candidate.guestClaim {
      change.reason = change.detach.contains { $0.guest != guestClaim.manager } ? .moved : .claimed
      change.because = guestClaim.words(candidate.name)
      // The binding of a running guest's function stays unchanged.
      if candidate.liveHolding != nil { return }
      // With on-start libvirt binds the function, when the guest starts or the device is hot-plugged.
      if guestClaim.claim.bind == .onStart {
        let isKept = change.isBoundToVariantByLibvirt
        change.goal =
          isKept
          ? binding(to: .anyOfVFIO, function, true)
          : change.isHotplugged ? nil : unclaimedGoal(candidate, function)
        if change.attach.isEmpty { noteUses(function, guestClaim, &change) }
      } else {
        // A running guest can open the function only on a driver that it supports, whatever the manifest
        // declares.
        let opened = change.isOpenedFromStub ? .exactly(Drivers.stub) : passthrough.opened
        change.goal = binding(to: change.isHotplugged ? opened : passthrough, function, isReboundOnRelease)
      }
      noteVariant(function, guestClaim, &change)
    } else if nic.reserve {
      change.reason = .reserved
      change.because = "\(nic.name.value) is reserved"
      change.goal = binding(to: passthrough, function, isReboundOnRelease)
    } else {
      change.reason = .unclaimed
      change.goal = unclaimedGoal(candidate, function)
      change.because = "no guest claims \(candidate.name ?? ""), and it is not reserved"
      // With --part host such a function is not changed.
      if request.part == .everything, Drivers.isPassthrough(function.driver),
        let reason = host.state.libvirt.reason
      {
        change.note(
          .vfSettings,
          Notice(
            .unknown, nic: candidate.name,
            "whether the definition of a shut-off guest has \(function.address) is unknown: \(reason)"))
      }
      if candidate.physicalFunction == nil, function.driver == nil, function.driverOverride == nil,
        function.nativeDriver == nil
      {
        change.note(
          .vfSettings,
          Notice(
            .driverless, nic: nic.name.value,
            "\(function.address) has no driver, and no native driver is known for it"))
      }
    }
    if isReboundOnRelease, let goal = change.goal, goal.driver == function.driver {
      change.because += "; libvirt may bind it to another driver when the guest releases it"
    }
  }

  /// Adds a notice if the host uses the function. The guard was evaluated when the function was
  /// assigned; the host may have started to use the function since.
  private func noteUses(
    _ function: PCIFunction, _ guestClaim: GuestClaim, _ change: inout ProposedChange
  ) {
    let uses = function.hostUses
    guard !uses.isEmpty else { return }
    change.note(
      .vfSettings,
      Notice(
        .hostNetwork, nic: guestClaim.claim.from.value.description, guest: guestClaim.guest.name,
        "the host loses network connectivity over \(function.address) when \(guestClaim.guest.name) starts: "
          + uses.joined(separator: "; ")))
  }

  /// Returns the binding to a passthrough driver, or `nil` if its present binding is correct. An
  /// override that only repeats the name of the driver does not count.
  private func binding(
    to passthrough: PassthroughGoal, _ function: PCIFunction, _ isReboundOnRelease: Bool
  ) -> Binding? {
    let found = function.driver.flatMap { passthrough.isMet(by: $0) ? $0 : nil }
    if let found, !isReboundOnRelease, (function.driverOverride ?? found) == found { return nil }
    let driver = found ?? passthrough.driver
    return request.legacyNewID
      ? Binding(driver: driver, override: nil, isByNewID: true) : Binding(driver: driver, override: driver)
  }

  /// Returns the binding of a function that no guest claims.
  private func unclaimedGoal(_ candidate: Candidate, _ function: PCIFunction) -> Binding? {
    candidate.physicalFunction == nil ? hostGoal(function) : idleGoal(function)
  }

  /// Returns the binding of a VF without a guest: no driver, or the host driver that it is on.
  private func idleGoal(_ function: PCIFunction) -> Binding? {
    let isIdle = function.driverOverride == nil && !Drivers.isPassthrough(function.driver)
    return isIdle ? nil : Binding(driver: nil, override: nil)
  }

  /// Returns the binding to the native driver.
  private func hostGoal(_ function: PCIFunction) -> Binding? {
    let hasOwn = !Drivers.isPassthrough(function.driver) && !Drivers.isForeign(function.driver)
    if hasOwn, function.driverOverride == nil, function.driver != nil || function.nativeDriver == nil {
      return nil
    }
    if hasOwn, let driver = function.driver { return Binding(driver: driver, override: nil) }
    guard let driver = function.nativeDriver else {
      return Binding(driver: nil, override: nil, isChosenByKernel: true)
    }
    return Binding(driver: driver, override: nil)
  }
}
