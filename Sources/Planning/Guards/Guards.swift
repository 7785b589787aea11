import Documents
import HostModel
import Manifests

/// What may not be. Each guard looks at the host and says what it finds; `passes` lists it, and refuses.
extension Draft {
  mutating func passes(
    _ which: Guard, _ subject: Subject, guest: String? = nil, _ finding: Finding?
  ) -> Bool {
    findings.passes(which, subject.candidate, guest: guest, finding)
  }

  /// Whether the function may be rebound and handed out as decided.
  mutating func mayChange(_ subject: Subject, _ decision: Decision) -> Bool {
    guard canAnswer(subject, decision) else { return false }
    guard let function = subject.function else { return true }
    guard isMarkFree(subject, decision), mayResize(subject, decision),
      passes(.virtualFunctions, subject, linkOfPF(subject, decision))
    else { return false }
    if !decision.attach.isEmpty, !passes(.iommuOff, subject, iommu(of: function, subject)) { return false }
    let goal = decision.binding(of: function)
    let isForVFIO = goal?.driver == PassthroughDriver.vfioPCI.rawValue
    // Of a VF that is still to come there is nothing else to be looked at.
    if subject.isComing { return !isForVFIO || passes(.iommuOff, subject, iommu(of: function, subject)) }
    guard let goal else {
      if decision.isPluggedIn, !passes(.inUse, subject, useBesideGuests(of: function)) { return false }
      return mayBeTakenAtStart(subject, function, decision)
    }
    guard passes(.foreignOwner, subject, owner(of: function)) else { return false }
    if function.driver == goal.driver, !goal.isKernelsChoice {
      return mayBeTakenAtStart(subject, function, decision)
    }
    // Who has another of its group open has this one open, too: what is to be done about that is said first.
    if !Drivers.isPassthrough(goal.driver), !mayLeaveGroup(subject, function) { return false }
    guard passes(.inUse, subject, host.useByProcesses(of: function, isDetached: isDetached)),
      // Whichever driver lets go of a PF, its VFs go with it.
      passes(.virtualFunctions, subject, parts(of: function))
    else { return false }
    guard Drivers.isPassthrough(goal.driver) else { return true }
    return passes(.hostNetwork, subject, useByHost(of: function))
      && (!isForVFIO || passes(.iommuOff, subject, iommu(of: function, subject)))
  }

  /// libvirt will take it from the host when the guest starts, and asks nobody then.
  private mutating func mayBeTakenAtStart(
    _ subject: Subject, _ function: PCIFunction, _ decision: Decision
  ) -> Bool {
    guard !decision.attach.isEmpty, !Drivers.isPassthrough(function.driver) else { return true }
    return passes(.foreignOwner, subject, owner(of: function))
      && passes(.hostNetwork, subject, useByHost(of: function))
      && passes(.virtualFunctions, subject, parts(of: function))
  }

  /// A guest has one device of each name.
  private mutating func isMarkFree(_ subject: Subject, _ decision: Decision) -> Bool {
    for attachment in decision.attach {
      let guest = name(of: attachment.placement.guest)
      guard passes(.deviceName, subject, guest: guest, mark(of: attachment, subject)) else { return false }
    }
    return true
  }

  private func mark(of attachment: Attachment, _ subject: Subject) -> Finding? {
    let (hostdev, placement) = (attachment.hostdev, attachment.placement)
    let guest = name(of: placement.guest)
    let other = host.guests[placement.guest]?.hostdevs(placement.part)?.first { other in
      other.alias == hostdev.alias && other.address != subject.address && !isDetached(other, placement)
    }
    guard let other else { return .clear("\(guest) has no other \(hostdev.alias ?? "")") }
    return .against(
      Objection(
        .inUse, "\(guest) has another device by the name of \(other.alias ?? ""), \(other.address)",
        help: "choose another name for the claim, or hotplug: false and a start of the guest in between",
        origin: subject.wanted?.claim.name.place?.description))
  }

  func isDetached(_ hostdev: Hostdev, _ placement: Placement) -> Bool {
    decisions[hostdev.address]?.detach.contains { $0.hostdev == hostdev && $0.placement == placement }
      ?? false
  }

  /// Whoever has a function of the group open keeps a guest out. Where that is a guest, the group is asked.
  private func useBesideGuests(of function: PCIFunction) -> Finding? {
    host.liveHoldings(ofGroupOf: function).isEmpty
      ? host.useByProcesses(of: function, isDetached: isDetached) : nil
  }

  private func owner(of function: PCIFunction) -> Finding {
    if let owner = function.foreignOwner {
      return .against(
        Objection(
          .foreignOwner, "\(function.address) is another tool's: \(owner)",
          help: "release it there, or allow: [foreign-owner] on the NIC", found: owner))
    }
    guard let driver = function.driver else { return .clear("it has no driver") }
    return .clear("its driver is \(driver)" + (Drivers.isHosts(driver) ? ", the host's own" : ""))
  }

  /// The host must not cut itself off.
  private func useByHost(of function: PCIFunction) -> Finding {
    var uses = function.hostUses
    if Drivers.isHosts(function.driver), function.interfaces.isEmpty {
      uses.append(
        "\(function.driver ?? "") is bound and no interface is to be seen: it may be in another network namespace"
      )
    }
    guard !uses.isEmpty else { return .clear(function.unusedWords) }
    for interface in function.interfaces {
      guard let reason = interface.uses.reason else { continue }
      return .against(
        Objection(
          .unavailable, "what the host uses \(interface.name) for is not known: \(reason)",
          help: "run as root, or allow: [host-network] on the NIC", found: uses.joined(separator: "; ")))
    }
    return .against(
      Objection(
        .hostNetwork, "the host itself uses \(function.address)", details: uses,
        help: "move that to another NIC first, or allow: [host-network] on the NIC, with because: …"))
  }

  private func parts(of function: PCIFunction) -> Finding {
    guard let count = function.sriov?.count, count > 0 else { return .clear("it has no virtual functions") }
    return .against(
      Objection(
        .virtualFunctions, "\(function.address) has \(count) virtual functions, which would vanish",
        details: (host.virtualFunctions[function.address] ?? []).map(\.summary),
        help: Drivers.isHosts(function.driver)
          ? "virtualFunctions: {count: 0} on the NIC takes them away; or hand its VFs out instead"
          : "whoever gave it these by \(function.driver ?? "another driver") must take them away first"))
  }

  private func iommu(of function: PCIFunction, _ subject: Subject) -> Finding {
    if function.iommuGroup != nil { return .clear("it is in an IOMMU group") }
    // A VF that is still to come gets a group where its PF has one.
    if subject.isComing, host.functions[subject.physicalFunction ?? function.address]?.iommuGroup != nil {
      return .clear("its PF is in an IOMMU group")
    }
    let help = IOMMUHelp(host.state.kernel)
    return .against(
      Objection(
        .iommuOff, "\(function.address) is in no IOMMU group: the IOMMU is off", details: help.findings,
        help: help.remedy))
  }
}
