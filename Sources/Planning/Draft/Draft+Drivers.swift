import Documents
import HostModel
import Manifests

/// Which driver a function is to have.
extension Draft {
  /// Which driver the function is to have.
  mutating func decideDriver(_ subject: Subject, _ decision: inout Decision) {
    guard let nic = subject.nic, let function = subject.function, !decision.isHeldElsewhere else { return }
    let passthrough = passthroughDriver(subject).rawValue
    let mayBePutBack = decision.mayBePutBack
    if let wanted = subject.wanted {
      decision.reason = decision.detach.contains { $0.guest != wanted.guest.manager } ? .moved : .claimed
      decision.because = "\(wanted.guest.name) claims \(subject.name ?? "")"
      let isThere = subject.holdings.contains { $0.guest == wanted.guest.manager && $0.part == .live }
      // What a running guest has stays bound as it is.
      if isThere { return }
      // From on-start on, libvirt binds: at the start of the guest, or when it is plugged in.
      if wanted.claim.bind == .onStart {
        decision.goal = decision.isPluggedIn ? nil : unclaimedGoal(subject, function)
        if decision.attach.isEmpty { noteUses(function, wanted) }
      } else {
        // Only what opens it tells which driver a running guest takes it from.
        let driver = decision.isPluggedIn ? decision.opener.rawValue : passthrough
        decision.goal = passthroughGoal(driver, function, mayBePutBack)
      }
    } else if nic.reserve {
      decision.reason = .reserved
      decision.because = "\(nic.name.value) is reserved"
      decision.goal = passthroughGoal(passthrough, function, mayBePutBack)
    } else {
      decision.reason = .unclaimed
      decision.goal = unclaimedGoal(subject, function)
      decision.because = "nothing claims or reserves \(subject.name ?? ""): it is the host's"
      if Drivers.isPassthrough(function.driver), let reason = host.state.libvirt.reason {
        notices.append(
          Notice(
            .unknown, nic: subject.name,
            "whether a guest that is off has it in its definition is not known: \(reason)"))
      }
      if subject.physicalFunction == nil, function.driver == nil, function.driverOverride == nil,
        function.hostDriver == nil
      {
        notices.append(
          Notice(
            .driverless, nic: nic.name.value, "\(function.address) has no driver, and none is known for it"))
      }
    }
    if mayBePutBack, let goal = decision.goal, goal.driver == function.driver {
      decision.because += "; libvirt may put it back to another driver when it leaves the guest"
    }
  }

  /// The guard has been asked when the guest was given it; the host may have come to use it since.
  private mutating func noteUses(_ function: PCIFunction, _ wanted: Subject.Wanted) {
    let uses = function.hostUses
    guard !uses.isEmpty else { return }
    notices.append(
      Notice(
        .hostNetwork, nic: wanted.claim.from.value.description, guest: wanted.guest.name,
        "the host uses \(function.address) and loses it when \(wanted.guest.name) starts: "
          + uses.joined(separator: "; ")))
  }

  func passthroughDriver(_ subject: Subject) -> PassthroughDriver {
    subject.nic?.driver ?? request.host.spec.driver
  }

  /// An override that only repeats the driver's name keeps it there, and is as good as none.
  private func passthroughGoal(
    _ driver: String, _ function: PCIFunction, _ mayBePutBack: Bool
  ) -> Binding? {
    let isThere = !mayBePutBack && function.driver == driver && (function.driverOverride ?? driver) == driver
    if isThere { return nil }
    return request.legacyNewID
      ? Binding(driver: driver, override: nil, isByNewID: true) : Binding(driver: driver, override: driver)
  }

  private func unclaimedGoal(_ subject: Subject, _ function: PCIFunction) -> Binding? {
    subject.physicalFunction == nil ? hostGoal(function) : idleGoal(function)
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
