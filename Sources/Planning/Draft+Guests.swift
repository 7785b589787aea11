import Documents
import HostModel
import Manifests

/// What becomes of a function with the guests that have it, and the one that claims it.
extension Draft {
  /// What happens to the function where guests have it that are not to.
  mutating func decideHoldings(_ subject: Subject, _ decision: inout Decision) -> Bool {
    let wantedGuest = subject.wanted?.guest.manager
    for holding in subject.holdings where holding.guest != wantedGuest {
      let guest = name(of: holding.guest)
      if holding.isOurs, isInScope(holding.guest) || request.prune {
        decision.detach.append(holding)
      } else if subject.wanted != nil, !holding.isOurs, allows(.foreignOwner, subject) {
        notices.append(
          Notice(
            .allowed, nic: subject.name, guest: guest, "taken from \(guest), which somebody else gave it to"))
        decision.detach.append(holding)
      } else if let wanted = subject.wanted {
        refuse(
          .foreignOwner, subject, "\(guest) has it\(holding.part == .live ? "" : " in its definition")",
          details: [holding.description],
          help: holding.isOurs
            ? "give the manifest of \(guest) too, or use --prune if it was deleted"
            : "take it out there by hand, or allow: [foreign-owner] on the NIC",
          origin: wanted.claim.from.place?.description)
        return false
      } else {
        decision.isHeldElsewhere = true
        let notice = Notice(
          holding.isOurs ? .unmanaged : .foreign, nic: subject.name, guest: guest,
          holding.isOurs
            ? "\(guest) has \(subject.address) from pcipass and is not among these manifests: left alone"
            : "\(guest) has \(subject.address), given by somebody else: left alone")
        // Once, though it is in the definition and in what runs.
        if notices.last != notice { notices.append(notice) }
      }
    }
    return true
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
    switch host.state.guests(of: manager) {
    case .unavailable(let reason):
      refuse(
        .unavailable, subject, "what \(wanted.guest.name) has is not known: \(reason)", origin: origin)
      return false
    case .known(let guests):
      guard let guest = host.guests[manager] else {
        if case .qemu = manager {
          notices.append(
            Notice(
              .waits, nic: subject.name, guest: wanted.guest.name,
              "\(wanted.guest.name) does not run: it gets the NIC when it does"))
          return true
        }
        refuse(
          .guestMissing, subject, "libvirt has no domain named \(manager.name)",
          details: guests.map(\.name).sorted().prefix(16).map { $0 },
          help: "define it first, or name it in libvirt: {domain: …}", origin: origin)
        return false
      }
      let hostdev = wanted.claim.hostdev(function, in: manager)
      let own = subject.holdings.filter { $0.guest == manager }
      if guest.persistent != nil { decidePersistent(hostdev, wanted, own, &decision) }
      if guest.live != nil { decideLive(hostdev, wanted, own, subject, &decision) }
      return true
    }
  }

  private mutating func decidePersistent(
    _ hostdev: Hostdev, _ wanted: Subject.Wanted, _ own: [HostIndex.Holding], _ decision: inout Decision
  ) {
    let placement = Placement(guest: wanted.guest.manager, part: .persistent)
    guard let present = own.first(where: { $0.part == .persistent }) else {
      decision.attach.append(Attachment(hostdev: hostdev, placement: placement))
      return
    }
    guard present.hostdev.alias != hostdev.alias || present.hostdev.isManaged != hostdev.isManaged else {
      return
    }
    // The same device with pcipass's mark: its place in the guest, and what else was said of it, stay.
    var replacement = present.hostdev
    replacement.alias = hostdev.alias
    replacement.isManaged = hostdev.isManaged
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
      } else if present.isManagedByLibvirt != hostdev.isManaged, case .libvirt = present.guest {
        notices.append(
          Notice(
            .waits, nic: subject.name, guest: wanted.guest.name,
            "managed takes effect at the next start of \(wanted.guest.name)"))
      }
      return
    }
    if wanted.claim.hotplug {
      let placement = Placement(guest: wanted.guest.manager, part: .live)
      // What runs is to be what the next start would make of it.
      var device = own.first { $0.part == .persistent }?.hostdev ?? hostdev
      (device.alias, device.isManaged, device.guestAddress) = (hostdev.alias, hostdev.isManaged, nil)
      decision.attach.append(Attachment(hostdev: device, placement: placement))
    } else {
      notices.append(
        Notice(
          .waits, nic: subject.name, guest: wanted.guest.name,
          "hotplug is off: \(wanted.guest.name) gets it at its next start"))
    }
  }
}

extension HostIndex.Holding: CustomStringConvertible {
  var description: String {
    let mark = hostdev.alias.map { " as \($0)" } ?? ""
    return "\(guest.name), \(part.rawValue): \(hostdev.address)\(mark)"
  }
}
