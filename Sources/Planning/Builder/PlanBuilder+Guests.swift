import Documents
import HostModel
import Manifests

/// The guests that lose a function, and the guest that claims it.
extension PlanBuilder {
  /// Decides which guests lose the function.
  func decideHoldings(_ change: inout ProposedChange) {
    let guestClaim = change.candidate.guestClaim
    // The claim is refused because its guest does not exist. The function stays with other guests.
    if let guestClaim, guestClaim.manager == nil { return }
    if guestClaim != nil,
      let holding = change.candidate.holdings.first(where: \.hostdev.isCommandLineArgument)
    {
      let guest = name(of: holding.guest)
      return change.refuse(
        .owner, .ownership,
        "the definition of \(guest) assigns \(change.address) by a QEMU argument (<qemu:commandline>)",
        details: ["\(holding)"], help: "remove that argument: virsh edit \(holding.guest.name)",
        origin: guestClaim?.claim.from.location?.description)
    }
    let isWanted = guestClaim.map { !$0.isElsewhere } ?? false
    for holding in change.candidate.holdings where holding.guest != guestClaim?.manager {
      let isToLeave = holding.isAssignedByPcipass && (isInScope(holding.guest) || request.prune)
      if isToLeave || isWanted {
        change.detach.append(holding)
      } else {
        change.isHeldElsewhere = true
        noteLeftAlone(holding, &change)
      }
    }
    if guestClaim == nil, change.candidate.holdings.isEmpty,
      let words = resolved.assigner.manifests.memory.otherGuest(having: change.address)
    {
      change.isHeldElsewhere = true
      change.note(
        .hardware,
        Notice(.unmanaged, nic: change.candidate.name, "\(change.address) is not changed: \(words)"))
    }
  }

  private func noteLeftAlone(_ holding: Holding, _ change: inout ProposedChange) {
    let guest = name(of: holding.guest)
    let address = change.address
    let notice = Notice(
      holding.isAssignedByPcipass ? .unmanaged : .foreign, nic: change.candidate.name, guest: guest,
      holding.isAssignedByPcipass
        ? "pcipass assigned \(address) to \(guest), and no given manifest describes \(guest): not changed"
        : holding.network.map { "the libvirt network \($0) assigned \(address) to \(guest): not changed" }
          ?? "\(guest) has \(address), which pcipass did not assign: not changed")
    // Only one notice if both the definition and the running guest have it.
    if change.notices.last?.notice != notice { change.note(.hardware, notice) }
  }

  /// Decides the changes to the devices of the claiming guest.
  func decideClaim(_ change: inout ProposedChange) {
    let candidate = change.candidate
    guard let guestClaim = candidate.guestClaim, let manager = guestClaim.manager,
      let function = candidate.function
    else { return }
    let origin = guestClaim.claim.from.location?.description
    decideModel(&change)
    if declaredDriver(candidate)?.value == .pciStub, !guestClaim.claim.managed {
      change.refuse(
        .claim, .unsupported,
        "\(candidate.name ?? "") stays on pci-stub, and with managed: false nothing binds it to vfio-pci when "
          + "\(guestClaim.guest.name) starts",
        help: "remove driver: pci-stub or managed: false from the manifest", origin: origin)
    }
    if guestClaim.isElsewhere { noteElsewhere(guestClaim, &change) }
    // A guard refuses the change if the guest does not exist.
    guard case .known(let guest?) = host.guest(manager) else { return }
    if !manager.traits.hasDefinition, guest.live == nil { noteWaiting(guestClaim, &change) }
    if manager.traits.namesModels, guest.live != nil, guest.models.isEmpty {
      change.refuse(
        .model, .unsupported, "the QEMU of \(guestClaim.guest.name) has neither vfio-pci nor pci-assign",
        help: "this QEMU was built without VFIO: install one that was built with it", origin: origin)
    }
    let hostdev = hostdev(of: guestClaim, function, for: guest, in: manager)
    let own = candidate.holdings.filter { $0.guest == manager }
    // A device that an argument for QEMU adds was refused above.
    if candidate.holdings.contains(where: \.hostdev.isCommandLineArgument) { return }
    if guest.persistent != nil { decidePersistent(hostdev, manager, own, &change) }
    if guest.live != nil { decideLive(hostdev, guestClaim, manager, own, &change) }
  }

  private func hostdev(
    of guestClaim: GuestClaim, _ function: PCIFunction, for guest: GuestState, in manager: GuestManager
  ) -> Hostdev {
    var hostdev = guestClaim.claim.hostdev(function, in: manager, of: request.host.name, host)
    if manager.traits.namesModels { hostdev.driver = guest.models.first }
    return hostdev
  }

  private func noteElsewhere(_ guestClaim: GuestClaim, _ change: inout ProposedChange) {
    let guest = guestClaim.guest.name
    change.note(
      .guest,
      Notice(
        .elsewhere, nic: change.candidate.name, guest: guest,
        "\(guest) is not on this host: \(change.address) stays ready for it, without its MAC address and VLAN"
      ))
  }

  private func noteWaiting(_ guestClaim: GuestClaim, _ change: inout ProposedChange) {
    let guest = guestClaim.guest.name
    let isStub = declaredDriver(change.candidate)?.value == .pciStub
    change.note(
      .guest,
      Notice(
        .waits, nic: change.candidate.name, guest: guest,
        "\(guest) is not running: start it and apply again, or start it with the arguments that "
          + "pcipass render \(guest) --qemu prints"
          + (isStub ? "; while the NIC is on pci-stub, only a QEMU with pci-assign can start with it" : "")))
  }

  private func decidePersistent(
    _ hostdev: Hostdev, _ manager: GuestManager, _ own: [Holding],
    _ change: inout ProposedChange
  ) {
    let placement = Placement(guest: manager, part: .persistent)
    guard let present = own.first(where: { $0.part == .persistent }) else {
      change.attach.append(.init(hostdev: hostdev, placement: placement))
      return
    }
    guard !present.hostdev.isSame(inLibvirt: hostdev) else { return }
    // The device keeps its address in the guest and the parts of its element that pcipass does not model.
    let replacement = present.hostdev.updated(from: hostdev)
    change.detach.append(present)
    change.attach.append(.init(hostdev: replacement, placement: placement))
  }

  private func decideLive(
    _ hostdev: Hostdev, _ guestClaim: GuestClaim, _ manager: GuestManager, _ own: [Holding],
    _ change: inout ProposedChange
  ) {
    let guest = guestClaim.guest.name
    func note(_ code: Notice.Code, _ message: String) {
      change.note(.model, Notice(code, nic: change.candidate.name, guest: guest, message))
    }
    if let present = own.first(where: { $0.part == .live }) {
      if !present.isAssignedByPcipass, host.guests[present.guest]?.persistent == nil {
        note(
          .adopted,
          "\(guest) already has \(change.address), which pcipass did not assign, and has no definition "
            + "that can contain the mark: not changed"
        )
      } else if present.guest.traits.hasDefinition {
        let what = present.hostdev.differences(from: hostdev)
        guard !what.isEmpty else { return }
        note(
          .waits,
          "\(what.joined(separator: " and ")) take\(what.count == 1 ? "s" : "") effect at the next start of \(guest)"
        )
      }
      return
    }
    guard guestClaim.claim.hotplug else {
      return note(.waits, "hotplug is off: \(guest) gets the NIC at its next start")
    }
    let placement = Placement(guest: manager, part: .live)
    // The running guest gets the device that its next start would create from the definition.
    var device = own.first { $0.part == .persistent }?.hostdev.updated(from: hostdev) ?? hostdev
    device.guestAddress = nil
    change.attach.append(.init(hostdev: device, placement: placement))
  }
}

extension Hostdev {
  /// Returns this device with the properties that the other one declares.
  fileprivate func updated(from other: Hostdev) -> Hostdev {
    var result = self
    result.startAlias = nil
    if device != other.device { (result.device, result.element) = (other.device, nil) }
    (result.alias, result.isManaged, result.mac, result.vlan) = (
      other.alias, other.isManaged, other.mac, other.vlan
    )
    return result
  }

  /// Returns what differs in the device of a running guest and cannot be changed while it runs.
  fileprivate func differences(from other: Hostdev) -> [String] {
    // The other differences are a consequence of this one.
    if device != other.device { return ["as: \(other.device.rawValue)"] }
    let all = [
      (mac != other.mac, "the MAC address"), (vlan != other.vlan, "the VLAN"),
      (isManaged != other.isManaged, "managed"),
    ]
    return all.filter(\.0).map(\.1)
  }
}
