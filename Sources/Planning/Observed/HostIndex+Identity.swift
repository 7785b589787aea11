import HostModel
import Manifests

// An address says where a function is, and a name what a domain is called: neither says which one it is.

extension HostIndex {
  /// Nil where there is no such function, or its PF is not there.
  func identity(of address: PCIAddress) -> FunctionIdentity? {
    functions[address].flatMap { $0.identity { functions[$0] } }
  }

  /// Why the function at the step's address is another one than the step was planned for; nil where nothing shows that.
  private func otherFunction(than step: Step) -> String? {
    guard let address = step.action.function, let planned = step.identity, let found = identity(of: address),
      let difference = found.difference(from: planned)
    else { return nil }
    return "another function is at \(address): \(difference)"
  }

  /// What was planned, with which function and which guest it is about. A VF that is still to come is known by its PF.
  func identified(_ step: Step) -> Step {
    var step = step
    if let address = step.action.function {
      step.identity =
        identity(of: address) ?? state.virtualFunction(toComeAt: address)?.identity { functions[$0] }
    }
    let guest = step.action.guest.flatMap { guests[$0] }
    (step.guestUUID, step.guestProcess) = (guest?.uuid, guest?.process)
    return step
  }

  /// Why what is to be done would be about something else than the step was planned for; nil where nothing shows that. A
  /// device that is only removed from a guest is known by pcipass's mark, whichever function is at its address by now, and
  /// whichever guest has the name.
  ///
  /// - Parameter action: the step's own action, or on a way back its inverse.
  func replaced(_ step: Step, as action: Action) -> String? {
    if let removed = action.removed, Ownership.nic(ofAlias: removed.alias) != nil { return nil }
    return otherFunction(than: step) ?? otherGuest(than: step)
  }

  /// The domain of a UUID, whatever it is called now.
  func domain(_ uuid: String) -> GuestState? {
    state.libvirt.value?.first { $0.uuid == uuid }
  }

  /// The domains that have the device with the mark of pcipass.
  func domains(having device: Hostdev) -> [GuestState] {
    guard Ownership.nic(ofAlias: device.alias) != nil else { return [] }
    return (state.libvirt.value ?? []).filter { guest in
      ((guest.persistent ?? []) + (guest.live ?? [])).contains {
        $0.address == device.address && $0.alias == device.alias
      }
    }
  }

  /// The step with the name and the UUID that its guest has now. A UUID finds the domain; where no domain has it any more, the
  /// mark of pcipass finds the device that the way back removes.
  func located(_ step: Step) -> Step {
    guard let guest = step.action.guest, guest.traits.hasDefinition, let uuid = step.guestUUID else {
      return step
    }
    var now = domain(uuid)
    if now == nil, let device = step.action.placed?.hostdev {
      // Its way back removes the device, or its mark.
      let holders = domains(having: device)
      now = holders.first { $0.name == guest.name } ?? (holders.count == 1 ? holders.first : nil)
    }
    guard let now else { return step }
    var result = step
    // Which guest it is removed from is what a later way back compares.
    result.guestUUID = now.uuid
    result.action = step.action.moved(to: .libvirt(domain: now.name))
    return result
  }

  /// Why the guest that a way back would add a device to is not the one that it was removed from. A QEMU without a UUID
  /// that was restarted is another one: what it had was not there any more.
  private func otherGuest(than step: Step) -> String? {
    guard let guest = step.action.guest, let before = step.guestIdentity, let now = guests[guest]?.identity,
      now != before
    else { return nil }
    return "\(guest.words) is \(now) now, and was \(before): it is another guest"
  }
}

extension Action {
  fileprivate func moved(to guest: GuestManager) -> Action {
    switch self {
    case .attach(var step):
      step.placement.guest = guest
      return .attach(step)
    case .detach(var step):
      step.placement.guest = guest
      return .detach(step)
    case .edit(var step):
      step.placement.guest = guest
      return .edit(step)
    case .load, .bind, .resize, .configure: return self
    }
  }

  /// The device that is gone afterwards, or has lost its mark.
  fileprivate var removed: Hostdev? {
    switch self {
    case .detach(let step): step.hostdev
    case .edit(let step): Ownership.nic(ofAlias: step.to.alias) == nil ? step.from : nil
    case .load, .bind, .resize, .configure, .attach: nil
    }
  }
}

extension Planner {
  /// Steps of an earlier run, with the names that their guests have now.
  public static func located(_ steps: [Step], on host: HostIndex) -> [Step] {
    steps.map { host.located($0) }
  }
}
