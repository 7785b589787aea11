import Documents
import HostModel
import Manifests

/// From decisions to steps: out of guests, rebound, into guests.
extension Draft {
  mutating func build(_ subjects: [Subject]) {
    // Guards of all first: a group is judged by what becomes of its members.
    for subject in subjects {
      guard let decision = decisions[subject.address] else { continue }
      if !mayChange(subject, decision) { decisions[subject.address] = nil }
    }
    // VFs that do not come can go nowhere.
    for subject in subjects where subject.isComing {
      if let physical = subject.physicalFunction, decisions[physical]?.resize == nil {
        decisions[subject.address] = nil
      }
    }
    let accepted = subjects.filter { subject in
      guard let decision = decisions[subject.address] else { return false }
      return mayHandOutGroup(subject, decision)
    }
    let full = guestsWithoutPorts(accepted)
    var buses = FreeBuses(host.guests, accepted.compactMap { decisions[$0.address] })
    for subject in accepted {
      guard let decision = decisions[subject.address] else { continue }
      if let guest = decision.pluggedInto, full.contains(guest) { continue }
      build(subject, decision, &buses)
    }
    addCrossings()
  }

  /// The chain of one function, each step after the one before.
  private mutating func build(_ subject: Subject, _ decision: Decision, _ buses: inout FreeBuses) {
    var previous: [String] = []
    for holding in decision.detach { addDetach(holding, subject, &previous) }
    if subject.isComing, let physical = subject.physicalFunction { previous.append(Self.resizeID(physical)) }
    addConfigure(subject, decision, &previous)
    addBind(subject, decision, &previous)
    addResize(subject, decision, &previous)
    for attachment in decision.attach {
      addAttach(attachment, subject, decision.reason, &buses, &previous)
    }
  }

  private mutating func addDetach(
    _ holding: HostIndex.Holding, _ subject: Subject, _ previous: inout [String]
  ) {
    let guest = name(of: holding.guest)
    let isReplaced = holding.guest == subject.wanted?.guest.manager
    let reason: Step.Reason =
      isReplaced
      ? (holding.isOurs ? .replaced : .adopted)
      : subject.wanted != nil ? .moved : isInScope(holding.guest) ? .removed : .pruned
    add(
      stepID("detach", guest, holding.hostdev, holding.part), .detach(holding.hostdev, holding.placement),
      subject, guest: guest, reason, detachReason(subject, guest, reason),
      disturbs: holding.part == .live ? .runningGuest : .nothing, &previous)
  }

  private mutating func addConfigure(_ subject: Subject, _ decision: Decision, _ previous: inout [String]) {
    guard let (place, from, to) = decision.configure, let wanted = subject.wanted else { return }
    add(
      "configure/\(subject.address)", .configure(place, from: from, to: to), subject,
      guest: wanted.guest.name, .claimed, "\(wanted.guest.name) claims \(subject.name ?? "it")",
      disturbs: isLive(subject, wanted) ? .runningGuest : .nothing, &previous)
  }

  private mutating func addBind(_ subject: Subject, _ decision: Decision, _ previous: inout [String]) {
    guard let goal = decision.goal, let function = subject.function else { return }
    if let load = goal.driver.flatMap({ addLoad($0, subject) }) { previous.append(load) }
    add(
      "bind/\(subject.address)", .bind(subject.address, from: Binding(of: function), to: goal), subject,
      guest: subject.wanted?.guest.name, decision.reason, decision.because,
      disturbs: function.isUsedByHost && Drivers.isPassthrough(goal.driver) ? .hostNetwork : .nothing,
      &previous)
  }

  private mutating func addResize(_ subject: Subject, _ decision: Decision, _ previous: inout [String]) {
    guard let (from, to) = decision.resize, let function = subject.function else { return }
    previous += addReleases(ofVFsOf: function, subject, after: previous)
    let name = subject.name ?? "it"
    let because =
      to.count == 0 ? "\(name) is to have no virtual functions" : "\(name) is handed out in \(to.count) parts"
    let isReplaced = from.count > 0 && to.count > 0
    let isUsed = ([function] + (host.virtualFunctions[function.address] ?? [])).contains(
      where: \.isUsedByHost)
    add(
      Self.resizeID(subject.address), .resize(subject.address, from: from, to: to), subject, guest: nil,
      .declared, because + (isReplaced ? "; the kernel knows no other way than to take all away first" : ""),
      disturbs: isUsed ? .hostNetwork : .nothing, &previous)
  }

  private mutating func addAttach(
    _ attachment: Attachment, _ subject: Subject, _ reason: Step.Reason, _ buses: inout FreeBuses,
    _ previous: inout [String]
  ) {
    let (guest, part) = (name(of: attachment.placement.guest), attachment.placement.part)
    var hostdev = attachment.hostdev
    if part == .live { hostdev.bus = buses.take(for: attachment.placement.guest) }
    add(
      stepID("attach", guest, hostdev, part), .attach(hostdev, attachment.placement), subject, guest: guest,
      reason, "\(guest) claims \(subject.name ?? "it")",
      disturbs: part == .live ? .runningGuest : .nothing, &previous)
  }

  private static func resizeID(_ address: PCIAddress) -> String { "resize/\(address)" }

  /// VFs vanish with the drivers that they were given; only what was undone before can be done again afterwards.
  private mutating func addReleases(
    ofVFsOf function: PCIFunction, _ subject: Subject, after previous: [String]
  ) -> [String] {
    var ids: [String] = []
    for member in host.virtualFunctions[function.address] ?? []
    where Drivers.isPassthrough(member.driver) || member.driverOverride != nil {
      var chain = previous
      add(
        "release/\(member.address)",
        .bind(member.address, from: Binding(of: member), to: Binding(driver: nil, override: nil)), subject,
        guest: nil, .replaced, "all VFs of \(subject.name ?? "its PF") are replaced", disturbs: .nothing,
        &chain)
      ids += chain
    }
    releases.formUnion(ids)
    return ids
  }

  private func detachReason(_ subject: Subject, _ guest: String, _ reason: Step.Reason) -> String {
    switch reason {
    case .moved: "\(subject.wanted?.guest.name ?? "another guest") claims it now"
    case .replaced: "it is put back as the manifest says"
    case .adopted: "somebody else gave it to \(guest): it is put back as it was, with pcipass's mark"
    case .pruned: "no manifest describes \(guest) any more (--prune)"
    default: "\(guest) does not claim it any more"
    }
  }

  private func stepID(_ verb: String, _ guest: String, _ hostdev: Hostdev, _ part: Placement.Part) -> String {
    "\(verb)/\(guest)/\(Ownership.nic(ofAlias: hostdev.alias) ?? "\(hostdev.address)")/\(part.rawValue)"
  }

  /// The module that brings the driver, where it is not there yet; nothing where that is not known.
  private mutating func addLoad(_ driver: String, _ subject: Subject) -> String? {
    guard let drivers = host.drivers, !drivers.contains(driver) else { return nil }
    let id = "load/\(driver)"
    if loads.insert(driver).inserted {
      steps.append(
        Step(
          id: id, action: .load(module: driver), nic: nil, guest: nil, reason: .needed,
          because: "the driver \(driver) is not loaded", disturbs: .nothing, after: [], origin: nil))
    }
    return id
  }

  /// The next step of a chain.
  private mutating func add(
    _ id: String, _ action: Action, _ subject: Subject, guest: String?, _ reason: Step.Reason,
    _ because: String, disturbs: Step.Disturbance, _ previous: inout [String]
  ) {
    let origin = (subject.wanted?.claim.from.place ?? subject.nic?.name.place)?.description
    steps.append(
      Step(
        id: id, action: action, nic: subject.name, guest: guest, reason: reason, because: because,
        disturbs: disturbs, after: previous, origin: origin))
    previous = [id]
  }

  /// What one NIC's steps must wait for in another's: a mark to be free again, a group to be closed
  /// before a member goes back to the host, and to be whole before a guest opens it.
  private mutating func addCrossings() {
    var freed: [MarkInGuest: String] = [:]
    var detaches: [PCIAddress: [String]] = [:]
    var binds: [PCIAddress: String] = [:]
    var plugged: [GuestManager: Int] = [:]
    var unplugged: [GuestManager: [String]] = [:]
    for step in steps {
      switch step.action {
      case .detach(let hostdev, let placement):
        if let alias = hostdev.alias { freed[MarkInGuest(alias: alias, placement: placement)] = step.id }
        if placement.part == .live {
          detaches[hostdev.address, default: []].append(step.id)
          unplugged[placement.guest, default: []].append(step.id)
        }
      case .attach(_, let placement):
        if placement.part == .live { plugged[placement.guest, default: 0] += 1 }
      case .bind(let address, _, _): binds[address] = binds[address] ?? step.id
      default: break
      }
    }
    for index in steps.indices {
      var more: [String] = []
      switch steps[index].action {
      case .attach(let hostdev, let placement):
        if let alias = hostdev.alias {
          more += freed[MarkInGuest(alias: alias, placement: placement)].map { [$0] } ?? []
        }
        if placement.part == .live {
          let siblings = siblings(of: hostdev.address)
          more += siblings.compactMap { binds[$0] } + siblings.flatMap { detaches[$0] ?? [] }
          // Where ports are scarce, what leaves the guest makes room.
          if let free = host.guests[placement.guest]?.freePorts, free < plugged[placement.guest] ?? 0 {
            more += unplugged[placement.guest] ?? []
          }
        }
      case .bind(let address, _, _):
        let own = releases.contains(steps[index].id) ? [address] : []
        more += (own + siblings(of: address)).flatMap { detaches[$0] ?? [] }
      case .resize(let address, _, _):
        more += (host.virtualFunctions[address] ?? []).flatMap { detaches[$0.address] ?? [] }
      default: break
      }
      steps[index].after += more.filter { !steps[index].after.contains($0) && $0 != steps[index].id }
    }
  }

  private func siblings(of address: PCIAddress) -> [PCIAddress] {
    host.functions[address].map { host.siblings(of: $0).map(\.address) } ?? []
  }

  private struct MarkInGuest: Hashable {
    let alias: String
    let placement: Placement
  }
}
