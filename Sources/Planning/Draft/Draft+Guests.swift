import Documents
import HostModel
import Manifests

/// What becomes of a function with the guests that have it, and the one that claims it.
extension Draft {
  /// What happens to the function where guests have it that are not to.
  mutating func decideHoldings(_ subject: Subject, _ decision: inout Decision) -> Bool {
    let others = subject.holdings.filter { $0.guest != subject.wanted?.guest.manager }
    for holding in others {
      let isToLeave = holding.isOurs && (isInScope(holding.guest) || request.prune)
      guard isToLeave || subject.wanted != nil else {
        decision.isHeldElsewhere = true
        noteLeftAlone(holding, subject)
        continue
      }
      let guest = name(of: holding.guest)
      let which: Guard = holding.isOurs ? .unmanaged : .foreignOwner
      guard passes(which, subject, guest: guest, giver(of: holding, subject, isToLeave)) else { return false }
      decision.detach.append(holding)
    }
    // Of libvirt's guests that is known only where libvirt was asked.
    guard let wanted = subject.wanted, others.isEmpty, host.state.libvirt.reason == nil else { return true }
    return passes(
      .foreignOwner, subject, guest: wanted.guest.name, .clear("no other guest that is known has it"))
  }

  private func giver(
    of holding: HostIndex.Holding, _ subject: Subject, _ isToLeave: Bool
  ) -> Finding {
    let guest = name(of: holding.guest)
    if isToLeave {
      let isDescribed = isInScope(holding.guest)
      return .clear(
        "\(guest) has it from pcipass, and is " + (isDescribed ? "among the manifests" : "to be pruned"))
    }
    return .against(
      Objection(
        .foreignOwner, "\(guest) has it\(holding.part == .live ? "" : " in its definition")",
        details: [holding.description],
        help: holding.isOurs
          ? "give the manifest of \(guest) too, or use --prune if it was deleted"
          : "take it out there by hand, or allow: [foreign-owner] on the NIC",
        origin: subject.wanted?.claim.from.place?.description))
  }

  private mutating func noteLeftAlone(_ holding: HostIndex.Holding, _ subject: Subject) {
    let guest = name(of: holding.guest)
    let notice = Notice(
      holding.isOurs ? .unmanaged : .foreign, nic: subject.name, guest: guest,
      holding.isOurs
        ? "\(guest) has \(subject.address) from pcipass and is not among these manifests: left alone"
        : "\(guest) has \(subject.address), given by somebody else: left alone")
    // Once, though it is in the definition and in what runs.
    if notices.last != notice { notices.append(notice) }
  }

  /// What the guest that claims it has of it, and lacks.
  mutating func decideClaim(_ subject: Subject, _ decision: inout Decision) -> Bool {
    guard let wanted = subject.wanted, let function = subject.function else { return true }
    let manager = wanted.guest.manager
    let origin = wanted.claim.from.place?.description
    if passthroughDriver(subject) == .pciStub, !wanted.claim.managed {
      refuse(
        .unsupported, subject,
        "\(subject.name ?? "") is kept on pci-stub, and with managed: false nobody would bind it to vfio-pci "
          + "when \(wanted.guest.name) starts",
        help: "leave out driver: pci-stub, or managed: false", origin: origin)
      return false
    }
    guard passes(.guestMissing, subject, guest: wanted.guest.name, presence(of: wanted)),
      case .known(let guest?) = host.guest(manager)
    else { return false }
    if case .qemu = manager {
      if guest.live == nil { noteWaiting(subject, wanted) }
      guard guest.live == nil || !guest.models.isEmpty else {
        refuse(
          .unsupported, subject, "\(wanted.guest.name) offers neither vfio-pci nor pci-assign",
          help: "its QEMU was built without VFIO: install one that has it", origin: origin)
        return false
      }
    }
    let hostdev = hostdev(of: wanted, function, for: guest)
    let own = subject.holdings.filter { $0.guest == manager }
    if guest.persistent != nil { decidePersistent(hostdev, wanted, own, &decision) }
    if guest.live != nil { decideLive(hostdev, wanted, own, subject, &decision) }
    return true
  }

  private func presence(of wanted: Subject.Wanted) -> Finding {
    let manager = wanted.guest.manager
    let origin = wanted.claim.from.place?.description
    switch host.guest(manager) {
    case .unavailable(let reason):
      return .against(
        Objection(
          .unavailable, "what \(wanted.guest.name) has is not known: \(reason)", origin: origin))
    case .known(nil):
      return .against(
        Objection(
          .guestMissing, "libvirt has no domain named \(manager.name)",
          details: (host.state.libvirt.value ?? []).map(\.name).sorted().prefix(16).map { $0 },
          help: "define it first, or name it in libvirt: {domain: …}", origin: origin))
    case .known(let guest?):
      switch manager {
      case .libvirt(let domain): return .clear("libvirt has \(domain): \(guest.run.rawValue)")
      case .qemu: return .clear("its QEMU is \(guest.run.rawValue)")
      }
    }
  }

  private func hostdev(of wanted: Subject.Wanted, _ function: PCIFunction, for guest: GuestState) -> Hostdev {
    var hostdev = wanted.claim.hostdev(function, in: wanted.guest.manager, of: request.host.name, host)
    if case .qemu = wanted.guest.manager { hostdev.driver = guest.models.first }
    return hostdev
  }

  private mutating func noteWaiting(_ subject: Subject, _ wanted: Subject.Wanted) {
    let guest = wanted.guest.name
    let isStub = passthroughDriver(subject) == .pciStub
    notices.append(
      Notice(
        .waits, nic: subject.name, guest: guest,
        "\(guest) does not run: it gets the NIC when it does, by apply, or started with what "
          + "pcipass render \(guest) --qemu prints"
          + (isStub ? "; kept on pci-stub, only a QEMU that has pci-assign can start with it" : "")))
  }

  private mutating func decidePersistent(
    _ hostdev: Hostdev, _ wanted: Subject.Wanted, _ own: [HostIndex.Holding], _ decision: inout Decision
  ) {
    let placement = Placement(guest: wanted.guest.manager, part: .persistent)
    guard let present = own.first(where: { $0.part == .persistent }) else {
      decision.attach.append(Attachment(hostdev: hostdev, placement: placement))
      return
    }
    guard !present.hostdev.isSame(inLibvirt: hostdev) else { return }
    // The same device with pcipass's mark: its place in the guest, and what else was said of it, stay.
    let replacement = present.hostdev.remade(as: hostdev)
    decision.detach.append(present)
    decision.attach.append(Attachment(hostdev: replacement, placement: placement))
  }

  private mutating func decideLive(
    _ hostdev: Hostdev, _ wanted: Subject.Wanted, _ own: [HostIndex.Holding], _ subject: Subject,
    _ decision: inout Decision
  ) {
    if let present = own.first(where: { $0.part == .live }) {
      if !present.isOurs, host.guests[present.guest]?.persistent == nil {
        notices.append(
          Notice(
            .adopted, nic: subject.name, guest: wanted.guest.name,
            "\(wanted.guest.name) has it already, given by somebody else, and no definition to mark it in: "
              + "taken as it is"))
      } else if case .libvirt = present.guest, let what = present.hostdev.differing(from: hostdev) {
        notices.append(
          Notice(
            .waits, nic: subject.name, guest: wanted.guest.name,
            "\(what) takes effect at the next start of \(wanted.guest.name)"))
      }
      return
    }
    if wanted.claim.hotplug {
      let placement = Placement(guest: wanted.guest.manager, part: .live)
      // What runs is to be what the next start would make of it.
      var device = own.first { $0.part == .persistent }?.hostdev.remade(as: hostdev) ?? hostdev
      device.guestAddress = nil
      decision.attach.append(Attachment(hostdev: device, placement: placement))
    } else {
      notices.append(
        Notice(
          .waits, nic: subject.name, guest: wanted.guest.name,
          "hotplug is off: \(wanted.guest.name) gets it at its next start"))
    }
  }
}

extension Hostdev {
  /// This device as the other says, and beyond that as it was.
  fileprivate func remade(as other: Hostdev) -> Hostdev {
    var result = self
    if device != other.device { (result.device, result.element) = (other.device, nil) }
    (result.alias, result.isManaged, result.mac, result.vlan) = (
      other.alias, other.isManaged, other.mac, other.vlan
    )
    return result
  }

  /// What of a running guest's device is not as wanted and cannot be changed while it runs.
  fileprivate func differing(from other: Hostdev) -> String? {
    if device != other.device { return "as: \(other.device.rawValue)" }
    if mac != other.mac { return "its MAC address" }
    if vlan != other.vlan { return "its VLAN" }
    return isManaged != other.isManaged ? "managed" : nil
  }
}

extension HostIndex.Holding: CustomStringConvertible {
  var description: String {
    let mark = hostdev.alias.map { " as \($0)" } ?? ""
    return "\(guest.name), \(part.rawValue): \(hostdev.address)\(mark)"
  }
}
