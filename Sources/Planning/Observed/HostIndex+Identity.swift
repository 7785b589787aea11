import HostModel
import Manifests

/// An address does not identify a function, and a name does not identify a guest, because another
/// one may have it later. Steps therefore record identities, and these functions compare them.
extension HostIndex {
  /// Returns the identity of a function, or `nil` if there is no function at the address, or its PF is
  /// missing.
  func identity(of address: PCIAddress) -> FunctionIdentity? {
    functions[address].flatMap { $0.identity { functions[$0] } }
  }

  /// Returns the reason why the function at the step's address is not the one that the step was planned for,
  /// or `nil` if nothing shows that.
  private func otherFunction(than step: Step) -> String? {
    guard let address = step.action.function, let planned = step.identity, let found = identity(of: address),
      let difference = found.difference(from: planned)
    else { return nil }
    return "another function is at \(address): \(difference)"
  }

  /// Returns the step with the identities of its function and guest. A VF that is not created yet is
  /// identified by its PF.
  func identified(_ step: Step) -> Step {
    var step = step
    if let address = step.action.function {
      step.identity =
        identity(of: address) ?? state.futureVirtualFunction(at: address)?.identity { functions[$0] }
    }
    let guest = step.action.guest.flatMap { guests[$0] }
    (step.guestUUID, step.guestProcess) = (guest?.uuid, guest?.process)
    return step
  }

  /// Returns the reason why the action would change another function or guest than the step was planned for,
  /// or `nil` if nothing shows that.
  ///
  /// A device that is only removed from a guest is identified by the ownership mark, whatever function has
  /// its address and whatever guest has the name now.
  ///
  /// - Parameter action: the action of the step, or its inverse in a rollback.
  func replaced(_ step: Step, as action: Action) -> String? {
    if let removed = action.removed, Ownership.nic(ofAlias: removed.alias) != nil { return nil }
    return otherFunction(than: step) ?? otherGuest(than: step)
  }

  /// Returns the domain with a UUID, whatever its name is now.
  func domain(_ uuid: String) -> GuestState? {
    state.libvirt.value?.first { $0.uuid == uuid }
  }

  /// Returns the domains that have the device with the ownership mark of pcipass.
  func domains(having device: Hostdev) -> [GuestState] {
    guard Ownership.nic(ofAlias: device.alias) != nil else { return [] }
    return (state.libvirt.value ?? []).filter { guest in
      ((guest.persistent ?? []) + (guest.live ?? [])).contains {
        $0.address == device.address && $0.alias == device.alias
      }
    }
  }

  /// Returns the step with the name and the UUID that its guest has now. The domain is found by its UUID, or,
  /// if no domain has it any longer, by the marked device that the undo of the step would remove.
  func located(_ step: Step) -> Step {
    guard let guest = step.action.guest, guest.traits.hasDefinition, let uuid = step.guestUUID else {
      return step
    }
    var now = domain(uuid)
    if now == nil, let device = step.action.resultingDevice?.hostdev {
      // The undo of the step removes this device, or its mark.
      let holders = domains(having: device)
      now = holders.first { $0.name == guest.name } ?? (holders.count == 1 ? holders.first : nil)
    }
    guard let now else { return step }
    var result = step
    // A later rollback compares the UUID of the guest that the device was really removed from.
    result.guestUUID = now.uuid
    result.action = step.action.moved(to: .libvirt(domain: now.name))
    return result
  }

  /// Returns the reason why the guest of the step is not the one that the step was planned for, or `nil` if
  /// nothing shows that. A QEMU without a UUID is another guest after a restart: what was plugged into it is
  /// gone.
  private func otherGuest(than step: Step) -> String? {
    guard let guest = step.action.guest, let before = step.guestIdentity, let now = guests[guest]?.identity,
      now != before
    else { return nil }
    return "\(guest.words) was replaced: it was \(before) and is now \(now)"
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

  /// The device that the action removes, or removes the ownership mark from.
  fileprivate var removed: Hostdev? {
    switch self {
    case .detach(let step): step.hostdev
    case .edit(let step): Ownership.nic(ofAlias: step.to.alias) == nil ? step.from : nil
    case .load, .bind, .resize, .configure, .attach: nil
    }
  }
}

extension Planner {
  /// Returns the steps of an earlier run with the names that their guests have now.
  public static func located(_ steps: [Step], on host: HostIndex) -> [Step] {
    steps.map { host.located($0) }
  }
}
