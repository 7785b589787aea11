import Documents
import HostModel
import Manifests

/// What may not be: each guard refuses with its reason, and shows what it rests on.
extension Draft {
  /// Whether the function may be rebound and handed out as decided.
  mutating func mayChange(_ subject: Subject, _ decision: Decision) -> Bool {
    guard canAnswer(subject, decision) else { return false }
    guard let function = subject.function else { return true }
    guard isMarkFree(subject, decision), mayResize(subject, decision), isPFUp(subject, decision) else {
      return false
    }
    if !decision.attach.isEmpty, !hasIOMMU(subject, function) { return false }
    guard let goal = decision.binding(of: function) else {
      if decision.isPluggedIn, !isFree(subject, function) { return false }
      // libvirt will take it from the host when the guest starts, and asks nobody then.
      guard !decision.attach.isEmpty, !Drivers.isPassthrough(function.driver) else { return true }
      return isNobodyElses(subject, function) && isNotTheHosts(subject, function)
        && hasNoVirtualFunctions(subject, function)
    }
    guard isNobodyElses(subject, function) else { return false }
    if function.driver == goal.driver, !goal.isKernelsChoice { return true }
    // Who has another of its group open has this one open, too: what is to be done about that is said first.
    if !Drivers.isPassthrough(goal.driver), !mayLeaveGroup(subject, function) { return false }
    guard isNotInUse(subject, function) else { return false }
    // Whichever driver lets go of a PF, its VFs go with it.
    guard hasNoVirtualFunctions(subject, function) else { return false }
    guard Drivers.isPassthrough(goal.driver) else { return true }
    return isNotTheHosts(subject, function)
      && (goal.driver != PassthroughDriver.vfioPCI.rawValue || hasIOMMU(subject, function))
  }

  /// A guest has one device of each name.
  private mutating func isMarkFree(_ subject: Subject, _ decision: Decision) -> Bool {
    for attachment in decision.attach {
      let placement = attachment.placement
      guard
        let other = host.guests[placement.guest]?.hostdevs(placement.part)?.first(where: { other in
          other.alias == attachment.hostdev.alias && other.address != subject.address
            && !isDetached(other, placement)
        })
      else { continue }
      refuse(
        .inUse, subject,
        "\(name(of: placement.guest)) has another device by the name of \(other.alias ?? ""), \(other.address)",
        help: "choose another name for the claim, or hotplug: false and a start of the guest in between",
        origin: subject.wanted?.claim.name.place?.description)
      return false
    }
    return true
  }

  func isDetached(_ hostdev: Hostdev, _ placement: Placement) -> Bool {
    decisions[hostdev.address]?.detach.contains { $0.hostdev == hostdev && $0.placement == placement }
      ?? false
  }

  /// Whoever has a function of the group open keeps a guest out. Where that is a guest, the group is asked.
  private mutating func isFree(_ subject: Subject, _ function: PCIFunction) -> Bool {
    let isWithGuests = ([function] + host.siblings(of: function)).contains { member in
      (host.holdings[member.address] ?? []).contains { $0.part == .live }
    }
    return isWithGuests || isNotInUse(subject, function)
  }

  /// A process that has the function open would lose it, or block the kernel for ever.
  private mutating func isNotInUse(_ subject: Subject, _ function: PCIFunction) -> Bool {
    if host.isLetGo(function, isDetached: isDetached) { return true }
    guard var refusal = function.inUse(nic: subject.name, guest: subject.wanted?.guest.name) else {
      return true
    }
    refusal.origin = subject.nic?.name.place?.description
    refusals.append(refusal)
    return false
  }

  private mutating func isNobodyElses(_ subject: Subject, _ function: PCIFunction) -> Bool {
    let override = function.driverOverride
    let hasForeignOverride =
      override != nil && override != function.hostDriver && !Drivers.isPassthrough(override)
    guard Drivers.isForeign(function.driver) || hasForeignOverride else { return true }
    let owner =
      hasForeignOverride
      ? "its driver_override is \(override ?? "")" : "its driver is \(function.driver ?? "")"
    if allows(.foreignOwner, subject) {
      notices.append(allowed(.foreignOwner, subject, owner))
      return true
    }
    refuse(
      .foreignOwner, subject, "\(function.address) is another tool's: \(owner)",
      help: "release it there, or allow: [foreign-owner] on the NIC")
    return false
  }

  /// The host must not cut itself off.
  private mutating func isNotTheHosts(_ subject: Subject, _ function: PCIFunction) -> Bool {
    for interface in function.interfaces where !allows(.hostNetwork, subject) {
      guard let reason = interface.uses.reason else { continue }
      refuse(
        .unavailable, subject, "what the host uses \(interface.name) for is not known: \(reason)",
        help: "run as root, or allow: [host-network] on the NIC")
      return false
    }
    var uses = function.hostUses
    if Drivers.isHosts(function.driver), function.interfaces.isEmpty {
      uses.append(
        "\(function.driver ?? "") is bound and no interface is to be seen: it may be in another network namespace"
      )
    }
    guard !uses.isEmpty else { return true }
    if allows(.hostNetwork, subject) {
      notices.append(allowed(.hostNetwork, subject, uses.joined(separator: "; ")))
      return true
    }
    refuse(
      .hostNetwork, subject, "the host itself uses \(function.address)", details: uses,
      help: "move that to another NIC first, or allow: [host-network] on the NIC, with because: …")
    return false
  }

  func allowed(_ guardrail: Guardrail, _ subject: Subject, _ what: String) -> Notice {
    Notice(
      .allowed, nic: subject.name,
      "\(what); allowed by \(guardrail.rawValue): \(subject.nic?.because ?? "no reason given")")
  }

  private mutating func hasNoVirtualFunctions(_ subject: Subject, _ function: PCIFunction) -> Bool {
    guard let count = function.sriov?.count, count > 0 else { return true }
    refuse(
      .virtualFunctions, subject, "\(function.address) has \(count) virtual functions, which would vanish",
      details: (host.virtualFunctions[function.address] ?? []).map(\.summary),
      help: Drivers.isHosts(function.driver)
        ? "virtualFunctions: {count: 0} on the NIC takes them away; or hand its VFs out instead"
        : "whoever gave it these by \(function.driver ?? "another driver") must take them away first")
    return false
  }

  private mutating func hasIOMMU(_ subject: Subject, _ function: PCIFunction) -> Bool {
    guard function.iommuGroup == nil else { return true }
    // A VF that is still to come gets a group where its PF has one.
    if subject.isComing, host.functions[subject.physicalFunction ?? function.address]?.iommuGroup != nil {
      return true
    }
    let help = IOMMUHelp(host.state.kernel)
    refuse(
      .iommuOff, subject, "\(function.address) is in no IOMMU group: the IOMMU is off",
      details: help.findings, help: help.remedy)
    return false
  }
}
