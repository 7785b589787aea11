import Documents
import HostModel
import Manifests

/// What may not be: each guard refuses with its reason, and shows what it rests on.
extension Draft {
  /// Whether the function may be rebound and handed out as decided.
  mutating func mayChange(_ subject: Subject, _ decision: Decision) -> Bool {
    guard canAnswer(subject, decision) else { return false }
    guard let function = subject.function else { return true }
    guard isMarkFree(subject, decision) else { return false }
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
    guard Drivers.isPassthrough(goal.driver) else { return true }
    return isNotTheHosts(subject, function) && hasNoVirtualFunctions(subject, function)
      && (goal.driver != PassthroughDriver.vfioPCI.rawValue || hasIOMMU(subject, function))
  }

  /// A guest that stands still lets nothing go: neither what it has nor what it would get, should that have to
  /// be taken back.
  private mutating func canAnswer(_ subject: Subject, _ decision: Decision) -> Bool {
    let places = decision.detach.map(\.placement) + decision.attach.map(\.placement)
    for placement in places where placement.part == .live {
      guard let guest = host.guests[placement.guest], guest.run != .running else { continue }
      refuse(
        .guestPaused, subject,
        "\(name(of: placement.guest)) is \(guest.run.rawValue) and cannot let \(subject.address) go, now or when "
          + "this is taken back",
        help: "resume it, or shut it off")
      return false
    }
    return true
  }

  /// The guests that have no room for all that they are to get while they run; each is refused with what to add.
  mutating func guestsWithoutPorts(_ subjects: [Subject]) -> Set<GuestManager> {
    var coming: [GuestManager: [Subject]] = [:]
    var going: [GuestManager: Int] = [:]
    for subject in subjects {
      guard let decision = decisions[subject.address] else { continue }
      if let guest = decision.pluggedInto { coming[guest, default: []].append(subject) }
      for holding in decision.detach where holding.part == .live { going[holding.guest, default: 0] += 1 }
    }
    var full: Set<GuestManager> = []
    for (guest, subjects) in coming {
      guard let free = host.guests[guest]?.freePorts, subjects.count > free + going[guest, default: 0] else {
        continue
      }
      full.insert(guest)
    }
    for subject in subjects {
      guard let guest = decisions[subject.address]?.pluggedInto, full.contains(guest) else { continue }
      let free = host.guests[guest]?.freePorts ?? 0
      refuse(
        .noPort, subject,
        "\(name(of: guest)) has \(free == 0 ? "no free port" : "\(free) free ports, and not enough") to plug "
          + "\(subject.address) into while it runs",
        help: "add <controller type='pci' model='pcie-root-port'/> to its definition for each and start it "
          + "anew, or hotplug: false, and it gets the NIC at its next start",
        origin: subject.wanted?.claim.from.place?.description)
    }
    return full
  }

  /// A guest has one device of each name.
  private mutating func isMarkFree(_ subject: Subject, _ decision: Decision) -> Bool {
    for attachment in decision.attach {
      let placement = attachment.placement
      let guest = host.guests[placement.guest]
      let list = placement.part == .live ? guest?.live : guest?.persistent
      guard
        let other = list?.first(where: { other in
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

  private func allowed(_ guardrail: Guardrail, _ subject: Subject, _ what: String) -> Notice {
    Notice(
      .allowed, nic: subject.name,
      "\(what); allowed by \(guardrail.rawValue): \(subject.nic?.because ?? "no reason given")")
  }

  private mutating func hasNoVirtualFunctions(_ subject: Subject, _ function: PCIFunction) -> Bool {
    guard let count = function.sriov?.count, count > 0 else { return true }
    refuse(
      .virtualFunctions, subject, "\(function.address) has \(count) virtual functions, which would vanish",
      details: host.state.functions.filter { $0.virtualFunction?.physicalFunction == function.address }
        .map(\.summary), help: "set its VF count to 0 first, or hand out its VFs instead")
    return false
  }

  private mutating func hasIOMMU(_ subject: Subject, _ function: PCIFunction) -> Bool {
    guard function.iommuGroup == nil else { return true }
    let help = IOMMUHelp(host.state.kernel)
    refuse(
      .iommuOff, subject, "\(function.address) is in no IOMMU group: the IOMMU is off",
      details: help.findings, help: help.remedy)
    return false
  }

  // MARK: The group as one unit

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
      resolution.nics[sibling.address].flatMap { claimants[$0.name.value] }.map { $0 != guest } ?? false
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
  private mutating func mayLeaveGroup(_ subject: Subject, _ function: PCIFunction) -> Bool {
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
      let name = resolution.nics[sibling.address]?.name.value
    else { return false }
    return guest.spec.nics.contains { $0.from.value.nic == name && $0.bind == .onStart }
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
