import HostModel
import Manifests
import Planning

/// Simulates what libvirt and QEMU have in common.
extension SimulatedKernel {
  /// The guest; nil if its manager does not have it.
  func guest(_ manager: GuestManager) throws(HostFailure) -> GuestState? {
    switch state.guests(of: manager.kind) {
    case .unavailable(let reason): throw HostFailure(.unreadable, reason)
    case .known(let guests): guests.first { $0.name == manager.name }
    }
  }

  /// Replaces the guest of that name.
  mutating func store(_ guest: GuestState, _ kind: GuestManager.Kind) {
    state[keyPath: kind.traits.guests] = .known(
      (state.guests(of: kind).value ?? []).map { $0.name == guest.name ? guest : $0 })
  }

  /// The index of a device in a list of the devices of a guest.
  func index(of hostdev: Hostdev, in list: [Hostdev], of guest: String) throws(HostFailure) -> Int {
    let index = list.firstIndex { $0.address == hostdev.address && $0.alias == hostdev.alias }
    guard let index else {
      throw refusal(.deviceMissing, .qemu, "device not found: no host device \(hostdev.address) in \(guest)")
    }
    return index
  }

  /// Sends a running guest an unplug request. Throws if the guest does not answer in time.
  ///
  /// - Parameter name: the name of the guest in messages.
  mutating func requestUnplug(
    of hostdev: Hostdev, from guest: GuestState, called name: String
  ) throws(HostFailure) {
    let unplug = state.simulation?.unplug[guest.name] ?? .answers
    if unplug == .answers, guest.run == .running { return }
    if unplug == .late { state.simulation?.leaving[guest.name, default: []].append(hostdev.address) }
    throw .unplugUnanswered(hostdev, by: name)
  }

  /// Removes the devices that guests with a late answer have released since.
  mutating func removeLeaving() {
    for (name, addresses) in state.simulation?.leaving ?? [:] {
      for (manager, guest) in state.allGuests where guest.name == name {
        for address in addresses {
          guard let now = try? self.guest(manager),
            let index = now.live?.firstIndex(where: { $0.address == address })
          else { continue }
          // The removal cannot fail, because the guest exists and has the device.
          try? remove(at: index, of: manager, .live)
        }
      }
    }
    state.simulation?.leaving = [:]
  }

  /// Removes a device. For a running guest, closes the IOMMU group of the function and restores its
  /// driver and settings.
  mutating func remove(
    at index: Int, of manager: GuestManager, _ part: Placement.Part
  ) throws(HostFailure) {
    guard var guest = try guest(manager) else { return }
    switch part {
    case .persistent:
      let removed = guest.persistent?.remove(at: index)
      guest.renumber()
      // If no device has a boot order, libvirt adds `<boot dev='hd'/>`.
      if removed?.hasBootOrder ?? false, !(guest.persistent?.contains(where: \.hasBootOrder) ?? false) {
        var simulation = state.simulation ?? Simulation()
        simulation.bootDevices.append(guest.name)
        state.simulation = simulation
      }
      store(guest, manager.kind)
    case .live:
      guard let hostdev = guest.live?.remove(at: index) else { return }
      if !hostdev.isUnassigned { guest.freePorts = guest.freePorts.map { $0 + 1 } }
      if let bus = hostdev.bus { guest.changeFree(on: bus, by: 1) }
      store(guest, manager.kind)
      closeGroup(of: hostdev.address)
      restore(hostdev)
    }
  }

  /// A failure as libvirt reports it.
  func refusal(
    _ code: LibvirtError.ErrorCode, _ domain: LibvirtError.Domain, _ message: String
  ) -> HostFailure {
    HostFailure(LibvirtError(code, domain, message))
  }
}

extension Hostdev {
  /// The other devices in the guest slot of this device.
  func neighbours(in list: [Hostdev]) -> [Hostdev] {
    guard let place = guestAddress else { return [] }
    return list.filter {
      $0.guestAddress?.slot == place.slot && $0.guestAddress != place && !$0.isCommandLineArgument
    }
  }
}
