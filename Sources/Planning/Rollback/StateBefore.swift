import HostModel
import Manifests

extension HostIndex {
  /// How the guest has the device of a step otherwise than the step left it: a later run has put it there so. Nil where that
  /// is not so, or the plan itself found it so.
  func holdsOtherwise(_ step: Step, in plan: Plan) -> String? {
    guard let change = step.action.device, change.isAdded else { return nil }
    return (holdings[change.hostdev.address] ?? []).first { holding in
      holding.placement == change.placement && holding.hostdev.alias == change.hostdev.alias && holding.isOurs
        && !holding.hostdev.isSame(inLibvirt: change.hostdev)
        && !plan.steps.contains { earlier in
          earlier.action.device.map {
            !$0.isAdded && $0.placement == change.placement && $0.hostdev.isSame(inLibvirt: holding.hostdev)
          } ?? false
        }
    }.map { "\($0)" }
  }

  /// Functions that the running guest has which the plan took them from: they are bound as that guest needs it.
  func returned(of plan: Plan) -> Set<PCIAddress> {
    Set(
      plan.steps.lazy.filter { $0.unplugs($0.action.function) && state(of: $0.action) == .notDone }
        .compactMap(\.action.function))
  }

  /// How far a step of a plan has come that is not to be carried out any more: what is as good as its end is one.
  func state(of step: Step, in plan: Plan, _ returned: Set<PCIAddress>) -> StepState {
    let state = self.state(of: step.action)
    if isReturned(step.action, returned) { return .notDone }
    if state != .done, isOverlaid(step, in: plan) { return .done }
    if case .edit(let edit) = step.action { return self.state(of: edit, among: plan.steps) ?? state }
    guard case .other = state else { return state }
    guard case .bind(let bind) = step.action, let function = functions[bind.address] else { return state }
    let now = Binding(of: function)
    return bind.to.isAsGood(as: now) ? .done : bind.from.isAsGood(as: now) ? .notDone : state
  }

  /// Whether a running guest has the function again that the plan took from it: it is bound as that guest needs it, and
  /// libvirt has set the VF of an interface for it.
  private func isReturned(_ action: Action, _ returned: Set<PCIAddress>) -> Bool {
    guard let address = action.function, returned.contains(address) else { return false }
    return switch action {
    case .bind: true
    case .configure:
      holdings[address]?.contains { $0.part == .live && $0.hostdev.device == .interface } ?? false
    default: false
    }
  }

  /// Whether what a step left is otherwise because libvirt gave the function to a guest in a later step of the plan: it
  /// binds what is managed, and sets an interface's MAC address and VLAN. That goes when that step goes.
  private func isOverlaid(_ step: Step, in plan: Plan) -> Bool {
    guard let address = step.action.function, let index = plan.steps.firstIndex(where: { $0.id == step.id })
    else { return false }
    return plan.steps[(index + 1)...].contains { later in
      guard let change = later.action.device, change.isAdded, change.isLive,
        change.hostdev.address == address, change.placement.guest.traits.preparesDevices,
        state(of: later.action) == .done
      else { return false }
      return switch step.action {
      case .bind: change.hostdev.isManaged && Drivers.isPassthrough(functions[address]?.driver)
      case .configure: change.hostdev.device == .interface
      default: false
      }
    }
  }

  /// How far an edit has come where others of the plan are of the same device: the definition shows one of the values that
  /// the device has had. Nil where it shows none of them.
  private func state(of edit: EditDevice, among steps: [Step]) -> StepState? {
    let edits = steps.compactMap { step -> EditDevice? in
      guard case .edit(let other) = step.action, other.placement == edit.placement,
        other.to.address == edit.to.address
      else { return nil }
      return other
    }
    guard let own = edits.firstIndex(of: edit) else { return nil }
    // The last one that is done, or none where the first is not.
    if let last = edits.lastIndex(where: { $0.state(on: self) == .done }) {
      return own <= last ? .done : .notDone
    }
    return edits.first?.state(on: self) == .notDone ? .notDone : nil
  }

  /// Whether libvirt will put the function elsewhere before the way back comes to its binding, which looks undone until then.
  func isPutElsewhere(_ action: Action, by before: [Step]) -> Bool {
    guard case .bind(let bind) = action, Drivers.isPassthrough(bind.from.driver) else { return false }
    return before.contains { step in
      step.unplugs(bind.address) && step.action.device?.hostdev.isManaged ?? false
    }
  }

  /// A function that was bound once more to where it was, lest libvirt put it back elsewhere.
  func isKept(_ action: Action) -> Bool {
    guard case .bind(let step) = action, let function = functions[step.address] else { return false }
    return step.from.isMet(by: Binding(of: function))
  }

  /// The device that another program has added where the way back adds one; nil where there is none.
  ///
  /// - Parameter before: the steps before it on the way back.
  func occupied(_ action: Action, _ before: [Step]) -> String? {
    guard let change = action.device, change.isAdded else { return nil }
    let holding = holdings[change.hostdev.address]?.first { $0.placement == change.placement }
    return holding.flatMap { holding in
      let isLeaving = before.contains { step in
        step.action.device.map {
          !$0.isAdded && $0.placement == change.placement
            && change.placement.guest.isSame($0.hostdev, holding.hostdev)
        } ?? false
      }
      return isLeaving ? nil : "\(holding) is there already"
    }
  }

  /// What a guest cannot take, because it is gone or not on a driver for guests any more, nor would be by then. What is
  /// managed libvirt binds itself. A definition may get back what it could not be started with then either.
  ///
  /// - Parameters:
  ///   - before: the steps before it on the way back.
  ///   - plan: the plan that is rolled back.
  func unready(_ action: Action, _ before: [Step], of plan: Plan) -> String? {
    guard let change = action.device, change.isAdded else { return nil }
    let address = change.hostdev.address
    let driver = plan.facts.first { $0.subject == "\(address)" && $0.attribute == "driver" }?.value
    guard let function = functions[address] else {
      return isComing(address, in: plan) || driver == nil && !change.isLive ? nil : "\(address) is gone"
    }
    if Drivers.isPassthrough(function.driver) || !change.isLive && !Drivers.isPassthrough(driver) {
      return nil
    }
    if change.placement.guest.binds(change.hostdev) { return nil }
    // While it ran with it, libvirt had bound it, and would have put it back.
    let isLibvirts = plan.steps.contains {
      $0.unplugs(address) && $0.action.device?.hostdev.isManaged ?? false
    }
    if !change.isLive, isLibvirts { return nil }
    // A definition does not mind when that comes.
    let others = change.isLive ? before.map(\.action) : plan.steps.compactMap(\.action.inverse)
    return others.contains { $0.bindsForGuests(address) }
      ? nil : "\(address) is on \(function.driver ?? "no driver") now"
  }

  /// Whether the way back of a plan makes a VF at that address.
  private func isComing(_ address: PCIAddress, in plan: Plan) -> Bool {
    plan.steps.contains { $0.action.inverse.map { makes(address, by: $0) } ?? false }
  }

  /// What goes back into a definition and is not there, or not as its guest needs it, after a reboot perhaps.
  func absence(of step: Step, as inverse: Action, in plan: Plan) -> Notice? {
    guard let change = inverse.device, change.isAdded, !change.isLive else { return nil }
    let address = change.hostdev.address
    let need: String
    if let function = functions[address] {
      let isBound = plan.steps.compactMap(\.action.inverse).contains { $0.bindsForGuests(address) }
      guard !change.hostdev.isManaged, !Drivers.isPassthrough(function.driver), !isBound else { return nil }
      need = "on a driver for guests"
    } else {
      guard !isComing(address, in: plan) else { return nil }
      need = "there"
    }
    return Notice(
      .waits, nic: step.nic, guest: step.guest,
      "\(change.placement.guest.name) cannot start until \(address) is \(need) again")
  }

  /// Whether the action makes a VF at that address.
  private func makes(_ address: PCIAddress, by action: Action) -> Bool {
    action.kind.virtualFunctions(afterwardsOn: self)?.contains { $0.address == address } ?? false
  }

  /// A guest that was started since runs with what is only taken out of its definition.
  func keeper(of step: Step, as inverse: Action, in plan: Plan) -> Notice? {
    guard let change = inverse.device, !change.isAdded, change.placement.part == .persistent,
      holdings[change.hostdev.address]?.contains(where: {
        $0.guest == change.placement.guest && $0.part == .live
      }) ?? false,
      !plan.steps.contains(where: { $0.pluggedIn(change) })
    else { return nil }
    return Notice(
      .waits, nic: step.nic, guest: step.guest,
      "\(change.placement.guest.name) runs with \(change.hostdev.address), and keeps it until it is shut off")
  }

  /// The guest that an attach needs and that is not there to take anything.
  func missingGuest(for action: Action) -> String? {
    guard let change = action.device, change.isAdded else { return nil }
    let placement = change.placement
    return guests[placement.guest]?.hostdevs(placement.part) == nil ? placement.guest.name : nil
  }
}

extension Action {
  fileprivate func bindsForGuests(_ address: PCIAddress) -> Bool {
    guard case .bind(let bind) = self, bind.address == address else { return false }
    return Drivers.isPassthrough(bind.to.driver)
  }
}

extension StepState {
  /// A step that was begun and is neither here nor there is taken back from where it is.
  func settled(isInDoubt: Bool) -> StepState {
    if isInDoubt, case .other = self { .done } else { self }
  }
}

extension Step {
  /// Put into the running guest what the change takes out of its definition.
  fileprivate func pluggedIn(_ change: DeviceChange) -> Bool {
    action.device.map {
      $0.isAdded && $0.isLive && $0.placement.guest == change.placement.guest
        && $0.hostdev.address == change.hostdev.address
    } ?? false
  }
}
