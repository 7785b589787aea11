import Documents
import HostModel
import Manifests

/// Which driver a function is to have.
extension PlanBuilder {
  /// Which driver the function is to have.
  func decideDriver(_ change: inout ProposedChange) {
    let candidate = change.candidate
    guard let nic = candidate.nic, let function = candidate.function, !change.isHeldElsewhere else { return }
    let passthrough = passthroughGoal(of: change)
    let mayBePutBack = change.mayBePutBack || change.isMovedByLibvirt
    if let guestClaim = candidate.guestClaim {
      change.reason = change.detach.contains { $0.guest != guestClaim.manager } ? .moved : .claimed
      change.because = "\(guestClaim.guest.name) claims \(candidate.name ?? "")"
      // What a running guest has stays bound as it is.
      if candidate.liveHolding != nil { return }
      // From on-start on, libvirt binds: at the start of the guest, or when it is plugged in.
      if guestClaim.claim.bind == .onStart {
        let isKept = change.isMovedByLibvirt
        change.goal =
          isKept
          ? binding(to: .anyOfVFIO, function, true)
          : change.isPluggedIn ? nil : unclaimedGoal(candidate, function)
        if change.attach.isEmpty { noteUses(function, guestClaim, &change) }
      } else {
        // Only what opens it tells which driver a running guest takes it from.
        let opened = change.isOpenedByStub ? .exactly(Drivers.stub) : passthrough.opened
        change.goal = binding(to: change.isPluggedIn ? opened : passthrough, function, mayBePutBack)
      }
      noteVariant(function, guestClaim, &change)
    } else if nic.reserve {
      change.reason = .reserved
      change.because = "\(nic.name.value) is reserved"
      change.goal = binding(to: passthrough, function, mayBePutBack)
    } else {
      change.reason = .unclaimed
      change.goal = unclaimedGoal(candidate, function)
      change.because = "nothing claims or reserves \(candidate.name ?? ""): it is the host's"
      if Drivers.isPassthrough(function.driver), let reason = host.state.libvirt.reason {
        change.note(
          .vfSettings,
          Notice(
            .unknown, nic: candidate.name,
            "whether a guest that is off has it in its definition is not known: \(reason)"))
      }
      if candidate.physicalFunction == nil, function.driver == nil, function.driverOverride == nil,
        function.hostDriver == nil
      {
        change.note(
          .vfSettings,
          Notice(
            .driverless, nic: nic.name.value, "\(function.address) has no driver, and none is known for it"))
      }
    }
    if mayBePutBack, let goal = change.goal, goal.driver == function.driver {
      change.because += "; libvirt may put it back to another driver when it leaves the guest"
    }
  }

  /// The guard has been asked when the guest was given it; the host may have come to use it since.
  private func noteUses(
    _ function: PCIFunction, _ guestClaim: GuestClaim, _ change: inout ProposedChange
  ) {
    let uses = function.hostUses
    guard !uses.isEmpty else { return }
    change.note(
      .vfSettings,
      Notice(
        .hostNetwork, nic: guestClaim.claim.from.value.description, guest: guestClaim.guest.name,
        "the host uses \(function.address) and loses it when \(guestClaim.guest.name) starts: "
          + uses.joined(separator: "; ")))
  }

  /// An override that only repeats the driver's name keeps it there, and is as good as none.
  private func binding(
    to passthrough: PassthroughGoal, _ function: PCIFunction, _ mayBePutBack: Bool
  ) -> Binding? {
    let found = function.driver.flatMap { passthrough.isMet(by: $0) ? $0 : nil }
    if let found, !mayBePutBack, (function.driverOverride ?? found) == found { return nil }
    let driver = found ?? passthrough.driver
    return request.legacyNewID
      ? Binding(driver: driver, override: nil, isByNewID: true) : Binding(driver: driver, override: driver)
  }

  private func unclaimedGoal(_ candidate: Candidate, _ function: PCIFunction) -> Binding? {
    candidate.physicalFunction == nil ? hostGoal(function) : idleGoal(function)
  }

  /// A VF that waits for a guest has no driver; one that the host's driver has stays there.
  private func idleGoal(_ function: PCIFunction) -> Binding? {
    let isIdle = function.driverOverride == nil && !Drivers.isPassthrough(function.driver)
    return isIdle ? nil : Binding(driver: nil, override: nil)
  }

  private func hostGoal(_ function: PCIFunction) -> Binding? {
    let hasOwn = !Drivers.isPassthrough(function.driver) && !Drivers.isForeign(function.driver)
    if hasOwn, function.driverOverride == nil, function.driver != nil || function.hostDriver == nil {
      return nil
    }
    if hasOwn, let driver = function.driver { return Binding(driver: driver, override: nil) }
    guard let driver = function.hostDriver else {
      return Binding(driver: nil, override: nil, isKernelsChoice: true)
    }
    return Binding(driver: driver, override: nil)
  }
}
