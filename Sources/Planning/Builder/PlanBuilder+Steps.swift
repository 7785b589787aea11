import Documents
import HostModel
import Manifests

/// The steps of each change: out of guests, to another driver, into guests.
extension PlanBuilder {
  /// Makes the steps of all changes that were not refused.
  mutating func build(_ changes: [ProposedChange]) {
    var buses = FreeBuses(host.guests, changes)
    for change in changes { build(change, &buses) }
    breakNameCycles()
    addWaitsBetweenChains()
    addWaitsForMACAddresses()
  }

  /// Makes the steps of one function, each of which waits for the one before.
  private mutating func build(_ change: ProposedChange, _ buses: inout FreeBuses) {
    var previous: [String] = []
    let edits = change.edits
    for holding in change.detach where !edits.contains(where: { $0.holding.placement == holding.placement }) {
      addDetach(holding, change.candidate, &previous)
    }
    if change.candidate.isCreatedByPlan, let physical = change.candidate.physicalFunction {
      previous.append(Self.resizeID(physical))
    }
    addConfigure(change, &previous)
    addBind(change, &previous)
    addResize(change, &previous)
    if needsVFIO(change) { previous += addLoad(Drivers.vfio).map { [$0] } ?? [] }
    for edit in edits { addEdit(edit.holding, as: edit.attachment.hostdev, change, &previous) }
    for attachment in change.attach
    where !edits.contains(where: { $0.attachment.placement == attachment.placement }) {
      addAttach(attachment, change, &buses, &previous)
    }
  }

  private mutating func addDetach(
    _ holding: Holding, _ candidate: Candidate, _ previous: inout [String]
  ) {
    let guest = name(of: holding.guest)
    let reason: Step.Reason =
      candidate.guestClaim != nil ? .moved : isInScope(holding.guest) ? .removed : .pruned
    add(
      stepID("detach", guest, holding.hostdev, holding.part), .detach(holding.hostdev, holding.placement),
      candidate, guest: guest, reason, detachReason(candidate, guest, reason),
      disturbs: holding.part == .live ? .runningGuest : .nothing, &previous)
  }

  private mutating func addEdit(
    _ holding: Holding, as hostdev: Hostdev, _ change: ProposedChange, _ previous: inout [String]
  ) {
    let guest = name(of: holding.guest)
    let name = change.candidate.name ?? "\(change.address)"
    add(
      stepID("edit", guest, hostdev, .persistent),
      .edit(EditDevice(holding.guest, from: holding.hostdev, to: hostdev)), change.candidate, guest: guest,
      holding.isAssignedByPcipass ? .replaced : .adopted,
      holding.isAssignedByPcipass
        ? "\(name) in the definition of \(guest) differs from the manifest"
        : "the device \(name) of \(guest) does not have the pcipass mark", disturbs: .nothing,
      &previous)
  }

  private mutating func addConfigure(_ change: ProposedChange, _ previous: inout [String]) {
    let candidate = change.candidate
    guard let (place, from, to) = change.configure else { return }
    let id = "configure/\(candidate.address)"
    let action = Action.configure(place, from: from, to: to)
    guard let guestClaim = candidate.guestClaim else {
      return add(
        id, action, candidate, guest: nil, .unclaimed,
        "no guest claims \(candidate.name ?? "it"): the settings of the last guest are reset",
        disturbs: .nothing,
        &previous)
    }
    add(
      id, action, candidate, guest: guestClaim.guest.name, .claimed,
      guestClaim.words(candidate.name),
      disturbs: candidate.liveHolding == nil ? .nothing : .runningGuest, &previous)
  }

  private mutating func addBind(_ change: ProposedChange, _ previous: inout [String]) {
    let candidate = change.candidate
    guard let goal = change.goal, let function = candidate.function else { return }
    if let load = goal.driver.flatMap({ addLoad($0) }) { previous.append(load) }
    add(
      "bind/\(candidate.address)", .bind(candidate.address, from: Binding(of: function), to: goal), candidate,
      guest: candidate.guestClaim?.guest.name, change.reason, change.because,
      disturbs: function.isUsedByHost && Drivers.isPassthrough(goal.driver) ? .hostNetwork : .nothing,
      &previous)
  }

  private mutating func addResize(_ change: ProposedChange, _ previous: inout [String]) {
    let candidate = change.candidate
    guard let (from, to) = change.resize, let function = candidate.function else { return }
    previous += addReleases(ofVFsOf: function, candidate, after: previous)
    let name = candidate.name ?? "it"
    let because =
      to.count == 0
      ? "the manifest sets no VFs for \(name)"
      : "\(name) is split into \(to.count) VF\(to.count == 1 ? "" : "s")"
    let isReplaced = from.count > 0 && to.count > 0
    let isUsed = ([function] + (host.virtualFunctions[function.address] ?? [])).contains(
      where: \.isUsedByHost)
    add(
      Self.resizeID(candidate.address), .resize(candidate.address, from: from, to: to), candidate, guest: nil,
      .declared, because + (isReplaced ? "; the kernel must delete all VFs to change their number" : ""),
      disturbs: isUsed ? .hostNetwork : .nothing, &previous)
  }

  private mutating func addAttach(
    _ attachment: ProposedChange.Attachment, _ change: ProposedChange, _ buses: inout FreeBuses,
    _ previous: inout [String]
  ) {
    let (guest, part) = (name(of: attachment.placement.guest), attachment.placement.part)
    var hostdev = attachment.hostdev
    if part == .live { hostdev.bus = buses.take(for: attachment.placement.guest) }
    add(
      stepID("attach", guest, hostdev, part), .attach(hostdev, attachment.placement), change.candidate,
      guest: guest, change.reason,
      change.candidate.guestClaim?.words(change.candidate.name) ?? "\(guest) had it",
      disturbs: part == .live ? .runningGuest : .nothing, &previous)
  }

  private static func resizeID(_ address: PCIAddress) -> String { "resize/\(address)" }

  /// Adds steps that unbind the VFs of a PF before they are deleted, and returns their ids. An undo can only
  /// restore the drivers that a step has changed.
  private mutating func addReleases(
    ofVFsOf function: PCIFunction, _ candidate: Candidate, after previous: [String]
  ) -> [String] {
    var ids: [String] = []
    for member in host.virtualFunctions[function.address] ?? []
    where Drivers.isPassthrough(member.driver) || member.driverOverride != nil {
      var chain = previous
      add(
        "release/\(member.address)",
        .bind(member.address, from: Binding(of: member), to: Binding(driver: nil, override: nil)), candidate,
        guest: nil, .replaced, "all VFs of \(candidate.name ?? "its PF") are replaced", disturbs: .nothing,
        &chain)
      ids += chain
    }
    releases.formUnion(ids)
    return ids
  }

  private func detachReason(_ candidate: Candidate, _ guest: String, _ reason: Step.Reason) -> String {
    switch reason {
    case .moved: "\(candidate.guestClaim?.guest.name ?? "another guest") claims it now"
    case .pruned: "no manifest describes \(guest) any longer (--prune)"
    default: "\(guest) no longer claims it"
    }
  }

  private func stepID(_ verb: String, _ guest: String, _ hostdev: Hostdev, _ part: Placement.Part) -> String {
    "\(verb)/\(guest)/\(Ownership.nic(ofAlias: hostdev.alias) ?? "\(hostdev.address)")/\(part.rawValue)"
  }

  /// Whether libvirt will bind the function to vfio-pci itself and needs the module to be loaded: libvirt
  /// loads it only if `/dev/vfio/vfio` exists.
  private func needsVFIO(_ change: ProposedChange) -> Bool {
    guard let guestClaim = change.candidate.guestClaim,
      guestClaim.manager?.traits.preparesDevices ?? false, change.goal == nil,
      !(change.candidate.function?.driver.map(Drivers.isVFIO) ?? false)
    else {
      return false
    }
    return change.isHotplugged || host.state.kernel.hasVFIO == false
  }

  /// Returns the id of the step that loads the driver's module, or `nil` if the driver is registered or that
  /// is unknown.
  private mutating func addLoad(_ driver: String) -> String? {
    guard let drivers = host.drivers, !drivers.contains(driver) else { return nil }
    let load = Step.loading(driver)
    if loads.insert(driver).inserted { steps.append(load) }
    return load.id
  }

  /// Adds the next step of a chain.
  private mutating func add(
    _ id: String, _ action: Action, _ candidate: Candidate, guest: String?, _ reason: Step.Reason,
    _ because: String, disturbs: Step.Disturbance, _ previous: inout [String]
  ) {
    let origin = (candidate.guestClaim?.claim.from.location ?? candidate.nic?.name.location)?.description
    steps.append(
      Step(
        id: id, action: action, nic: candidate.name, guest: guest, reason: reason, because: because,
        disturbs: disturbs, after: previous, origin: origin))
    previous = [id]
  }

  /// Adds the waits between the chains of different functions: until a device name is free, until
  /// no guest has an IOMMU group open before a member returns to the host, and until all members
  /// are bound and released before a guest opens the group.
  private mutating func addWaitsBetweenChains() {
    var freed: [AliasInGuest: String] = [:]
    var detaches: [PCIAddress: [String]] = [:]
    var binds: [PCIAddress: String] = [:]
    var plugged: [GuestManager: Int] = [:]
    var unplugged: [GuestManager: [String]] = [:]
    for step in steps {
      switch step.action {
      case .detach(let detach):
        let (hostdev, placement) = (detach.hostdev, detach.placement)
        if let alias = hostdev.alias { freed[AliasInGuest(alias: alias, placement: placement)] = step.id }
        if placement.part == .live {
          detaches[hostdev.address, default: []].append(step.id)
          unplugged[placement.guest, default: []].append(step.id)
        }
      case .edit(let edit):
        if let alias = edit.from.alias, alias != edit.to.alias {
          freed[AliasInGuest(alias: alias, placement: edit.placement)] = step.id
        }
      case .attach(let attach):
        if attach.change.isLive { plugged[attach.placement.guest, default: 0] += 1 }
      case .bind(let bind): binds[bind.address] = binds[bind.address] ?? step.id
      default: break
      }
    }
    for index in steps.indices {
      var more: [String] = []
      switch steps[index].action {
      case .attach(let step):
        let (hostdev, placement) = (step.hostdev, step.placement)
        if let alias = hostdev.alias {
          more += freed[AliasInGuest(alias: alias, placement: placement)].map { [$0] } ?? []
        }
        if placement.part == .live {
          let siblings = siblings(of: hostdev.address)
          more += siblings.compactMap { binds[$0] } + siblings.flatMap { detaches[$0] ?? [] }
          // If the guest has too few free ports, the removed devices free the missing ports.
          if let free = host.guests[placement.guest]?.freePorts, free < plugged[placement.guest] ?? 0 {
            more += unplugged[placement.guest] ?? []
          }
        }
      case .edit(let step):
        if let alias = step.to.alias, alias != step.from.alias {
          more += freed[AliasInGuest(alias: alias, placement: step.placement)].map { [$0] } ?? []
        }
      case .bind(let step):
        let own = releases.contains(steps[index].id) ? [step.address] : []
        more += (own + siblings(of: step.address)).flatMap { detaches[$0] ?? [] }
      case .resize(let step):
        more += (host.virtualFunctions[step.address] ?? []).flatMap { detaches[$0.address] ?? [] }
      default: break
      }
      steps[index].after += more.filter { !steps[index].after.contains($0) && $0 != steps[index].id }
    }
  }

  private func siblings(of address: PCIAddress) -> [PCIAddress] {
    host.functions[address].map { host.siblings(of: $0).map(\.address) } ?? []
  }
}
