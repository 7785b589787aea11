import HostModel
import Manifests
import Planning

/// What libvirt and QEMU do with hostdevs, on a state. Texts and outcomes as measured with libvirt 11.3
/// and QEMU 10.0; see docs/host-behaviour.md.
extension SimulatedKernel {
  mutating func attach(_ hostdev: Hostdev, _ placement: Placement) throws(HostFailure) {
    var guest = try guest(placement.guest)
    guard var list = guest.hostdevs(placement.part) else { throw Self.notRunning(placement.guest) }
    if case .qemu = placement.guest { return try plug(hostdev, into: guest, placement) }
    try checkAlias(hostdev, in: list)
    var placed = hostdev
    if !hostdev.isUnassigned {
      placed.guestAddress = placed.guestAddress ?? Self.freeAddress(beside: list)
    }
    switch placement.part {
    case .persistent:
      guard !list.contains(where: { $0.address == hostdev.address }) else {
        throw refusal(
          .operationInvalid, .qemu,
          "Requested operation is not valid: device is already in the domain configuration")
      }
      list.append(placed)
      guest.persistent = list
      guest.renumber()
      // libvirt refuses the boot order beside its own; pcipass takes that out in the same define.
      if hostdev.hasBootOrder { state.simulation?.bootDevices.removeAll { $0 == guest.name } }
    case .live:
      if guest.freePorts == 0, !hostdev.isUnassigned {
        throw refusal(.internalError, .domain, "internal error: No more available PCI slots")
      }
      try open(hostdev, for: placement.guest)
      if hostdev.device == .interface { try configure(hostdev) }
      // As libvirt names what nobody has named.
      if Ownership.userAlias(hostdev.alias) == nil {
        placed.alias = "hostdev\(list.count)"
      }
      list.append(placed)
      guest.live = list
      if !hostdev.isUnassigned { guest.freePorts = guest.freePorts.map { $0 - 1 } }
    }
    try store(guest, placement.guest)
  }

  /// As libvirt gives a device its place in the guest: a root port's only slot.
  private static func freeAddress(beside hostdevs: [Hostdev]) -> PCIAddress? {
    let taken = Set(hostdevs.compactMap(\.guestAddress))
    return (UInt32(1)...255).lazy.compactMap { PCIAddress(domain: 0, bus: $0, device: 0, function: 0) }
      .first { !taken.contains($0) }
  }

  mutating func detach(_ hostdev: Hostdev, _ placement: Placement) throws(HostFailure) {
    let guest = try guest(placement.guest)
    guard let list = guest.hostdevs(placement.part) else { throw Self.notRunning(placement.guest) }
    guard let index = list.firstIndex(where: { $0.address == hostdev.address && $0.alias == hostdev.alias })
    else {
      throw refusal(
        .deviceMissing, .qemu, "device not found: no host device \(hostdev.address) in \(guest.name)")
    }
    let neighbours = placement.part == .live ? Self.neighbours(of: list[index], in: list) : []
    if case .libvirt = placement.guest, !neighbours.isEmpty || !list[index].slotFunctions.isEmpty,
      placement.part == .live
    {
      throw refusal(
        .operationFailed, .qemu,
        "operation failed: cannot hot unplug hostdev device with multifunction PCI guest address: "
          + (list[index].guestAddress.map { "\($0)" } ?? ""))
    }
    if placement.part == .live {
      let unplug = state.simulation?.unplug[guest.name] ?? .answers
      guard unplug == .answers, guest.run == .running else {
        if unplug == .late { state.simulation?.leaving[guest.name, default: []].append(hostdev.address) }
        let name = if case .qemu(let socket) = placement.guest { "the QEMU at \(socket)" } else { guest.name }
        throw .unplugUnanswered(hostdev, by: name)
      }
    }
    try remove(at: index, guest, placement)
    // QEMU unplugs the whole slot.
    for neighbour in neighbours {
      let now = try self.guest(placement.guest)
      if let index = now.live?.firstIndex(of: neighbour) { try remove(at: index, now, placement) }
    }
  }

  /// The other functions of the device's slot in the guest.
  private static func neighbours(of hostdev: Hostdev, in list: [Hostdev]) -> [Hostdev] {
    guard let place = hostdev.guestAddress else { return [] }
    return list.filter {
      $0.guestAddress?.slot == place.slot && $0.guestAddress != place && !$0.isArgument
    }
  }

  /// The guests that have been asked before, and answer late.
  mutating func letGoWhatIsLeaving() {
    for (name, addresses) in state.simulation?.leaving ?? [:] {
      for (manager, guest) in state.allGuests where guest.name == name {
        for address in addresses {
          guard let now = try? self.guest(manager),
            let index = now.live?.firstIndex(where: { $0.address == address })
          else { continue }
          // The guest is there, and has it.
          try? remove(at: index, now, Placement(guest: manager, part: .live))
        }
      }
    }
    state.simulation?.leaving = [:]
  }

  private mutating func remove(
    at index: Int, _ guest: GuestState, _ placement: Placement
  ) throws(HostFailure) {
    var guest = guest
    switch placement.part {
    case .persistent:
      let removed = guest.persistent?.remove(at: index)
      guest.renumber()
      // Where no device has a boot order, libvirt puts in one of its own.
      if removed?.hasBootOrder ?? false, !(guest.persistent?.contains(where: \.hasBootOrder) ?? false) {
        var simulation = state.simulation ?? Simulation()
        simulation.bootDevices.append(guest.name)
        state.simulation = simulation
      }
      try store(guest, placement.guest)
    case .live:
      guard let hostdev = guest.live?.remove(at: index) else { return }
      if !hostdev.isUnassigned { guest.freePorts = guest.freePorts.map { $0 + 1 } }
      if let bus = hostdev.bus { guest.changeFree(on: bus, by: 1) }
      try store(guest, placement.guest)
      closeGroup(of: hostdev.address)
      putBack(hostdev)
    }
  }

  private static func notRunning(_ guest: GuestManager) -> HostFailure {
    switch guest {
    case .libvirt:
      HostFailure(
        LibvirtError(
          .operationInvalid, .domain, "Requested operation is not valid: domain is not running"))
    case .qemu(let socket): HostFailure(.refused, "the QEMU at \(socket) does not run")
    }
  }

  func refusal(
    _ code: LibvirtError.Code, _ domain: LibvirtError.Domain, _ message: String
  ) -> HostFailure {
    HostFailure(LibvirtError(code, domain, message))
  }

  func guest(_ manager: GuestManager) throws(HostFailure) -> GuestState {
    switch state.guests(of: manager) {
    case .unavailable(let reason): throw HostFailure(.unreadable, reason)
    case .known(let guests):
      guard let guest = guests.first(where: { $0.name == manager.name }) else {
        if case .qemu(let socket) = manager {
          throw HostFailure(.unreadable, "the QEMU at \(socket) was not asked")
        }
        throw refusal(
          .noDomain, .qemu, "Domain not found: no domain with matching name '\(manager.name)'")
      }
      return guest
    }
  }

  mutating func store(_ guest: GuestState, _ manager: GuestManager) throws(HostFailure) {
    func replaced(_ list: Observed<[GuestState]>) -> Observed<[GuestState]> {
      .known((list.value ?? []).map { $0.name == guest.name ? guest : $0 })
    }
    switch manager {
    case .libvirt: state.libvirt = replaced(state.libvirt)
    case .qemu: state.qemu = replaced(state.qemu)
    }
  }
}
