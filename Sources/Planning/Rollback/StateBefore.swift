import HostModel
import Manifests

extension HostIndex {
  /// Returns the device of the step as the guest has it now, if a later run has changed it; `nil` if it is as
  /// the step left it, or the plan itself found it so.
  func differingDevice(_ step: Step, in plan: Plan) -> String? {
    guard let change = step.action.device, change.isAdded else { return nil }
    return (holdings[change.hostdev.address] ?? []).first { holding in
      holding.placement == change.placement && holding.hostdev.alias == change.hostdev.alias
        && holding.isAssignedByPcipass
        && !holding.hostdev.isSame(inLibvirt: change.hostdev)
        && !plan.steps.contains { earlier in
          earlier.action.device.map {
            !$0.isAdded && $0.placement == change.placement && $0.hostdev.isSame(inLibvirt: holding.hostdev)
          } ?? false
        }
    }.map { "\($0)" }
  }

  /// Returns the functions that the plan removed from running guests and that these guests have again: they
  /// are bound as the guests need them.
  func returned(of plan: Plan) -> Set<PCIAddress> {
    Set(
      plan.steps.lazy.filter { $0.unplugs($0.action.function) && state(of: $0.action) == .notDone }
        .compactMap(\.action.function))
  }

  /// Returns how far a step of an earlier plan has come. A state that is equivalent to the last or first
  /// state of the step counts as that state.
  func state(of step: Step, in plan: Plan, _ returned: Set<PCIAddress>) -> StepState {
    let state = self.state(of: step.action)
    if isReturned(step.action, returned) { return .notDone }
    if state != .done, isChangedByLibvirt(step, in: plan) { return .done }
    if case .edit(let edit) = step.action { return self.state(of: edit, among: plan.steps) ?? state }
    guard case .other = state else { return state }
    if case .configure(let configure) = step.action {
      return self.state(of: configure, by: step, among: plan.steps) ?? state
    }
    guard case .bind(let bind) = step.action, let function = functions[bind.address] else { return state }
    let now = Binding(of: function)
    return bind.to.isEquivalent(to: now) ? .done : bind.from.isEquivalent(to: now) ? .notDone : state
  }

  /// Whether a running guest has the function again that the plan removed from it: the function is bound as
  /// the guest needs it, and libvirt has configured the VF if it is an interface.
  private func isReturned(_ action: Action, _ returned: Set<PCIAddress>) -> Bool {
    guard let address = action.function, returned.contains(address) else { return false }
    return switch action {
    case .bind: true
    case .configure:
      holdings[address]?.contains { $0.part == .live && $0.hostdev.device == .interface } ?? false
    default: false
    }
  }

  /// Whether libvirt changed what the step left when a later step of the plan plugged the function into a
  /// guest: it binds managed devices, and sets the MAC address and VLAN of interfaces. Undoing the later step
  /// reverts this.
  private func isChangedByLibvirt(_ step: Step, in plan: Plan) -> Bool {
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

  /// Whether libvirt will bind the function to another driver before the rollback reaches its binding, which
  /// looks undone until then.
  func isReboundFirst(_ action: Action, by before: [Step]) -> Bool {
    guard case .bind(let bind) = action, Drivers.isPassthrough(bind.from.driver) else { return false }
    return before.contains { step in
      step.unplugs(bind.address) && step.action.device?.hostdev.isManaged ?? false
    }
  }

  /// Whether the step bound the function to the driver that it already had, to keep libvirt from leaving it
  /// on another one.
  func isRepeatedBinding(_ action: Action) -> Bool {
    guard case .bind(let step) = action, let function = functions[step.address] else { return false }
    return step.from.isMet(by: Binding(of: function))
  }

  /// Returns the device that another program has added in the place where the undo adds one, or
  /// `nil` if there is none.
  ///
  /// - Parameter before: the steps of the rollback that come before.
  func conflictingDevice(_ action: Action, _ before: [Step]) -> String? {
    guard let change = action.device, change.isAdded else { return nil }
    let holding = holdings[change.hostdev.address]?.first { $0.placement == change.placement }
    return holding.flatMap { holding in
      let isLeaving = before.contains { step in
        step.action.device.map {
          !$0.isAdded && $0.placement == change.placement
            && change.placement.guest.isSame($0.hostdev, holding.hostdev)
        } ?? false
      }
      return isLeaving ? nil : "\(holding) already exists"
    }
  }

  /// Returns the reason why a device cannot be added to a guest again: the function is missing, or
  /// it is not on a passthrough driver and the rollback does not bind it in time. A device that
  /// could not be started before the run either may be added to a definition, and libvirt binds
  /// managed devices itself.
  ///
  /// - Parameters:
  ///   - before: the steps of the rollback that come before.
  ///   - plan: the plan that is rolled back.
  func missingRequirement(_ action: Action, _ before: [Step], of plan: Plan) -> String? {
    guard let change = action.device, change.isAdded else { return nil }
    let address = change.hostdev.address
    let driver = plan.facts.first { $0.subject == "\(address)" && $0.attribute == "driver" }?.value
    guard let function = functions[address] else {
      return isCreatedByPlan(address, in: plan) || driver == nil && !change.isLive
        ? nil : "\(address) no longer exists"
    }
    if Drivers.isPassthrough(function.driver) || !change.isLive && !Drivers.isPassthrough(driver) {
      return nil
    }
    if change.placement.guest.binds(change.hostdev) { return nil }
    // While the guest ran with the device, libvirt had bound the function and would have returned it. The
    // driver of that time does not count.
    let isLibvirts = plan.steps.contains {
      $0.unplugs(address) && $0.action.device?.hostdev.isManaged ?? false
    }
    if !change.isLive, isLibvirts { return nil }
    // A definition can be changed before the function is bound.
    let others = change.isLive ? before.map(\.action) : plan.steps.compactMap(\.action.inverse)
    return others.contains { $0.bindsForGuests(address) }
      ? nil : "\(address) is on \(function.driver ?? "no driver") now"
  }

  /// Whether the rollback of the plan creates a VF at the address.
  private func isCreatedByPlan(_ address: PCIAddress, in plan: Plan) -> Bool {
    plan.steps.contains { $0.action.inverse.map { makes(address, by: $0) } ?? false }
  }

  /// Returns a notice if the undo adds a device to a definition and its function is missing or not on a
  /// passthrough driver, for example after a reboot.
  func missingFunctionNotice(of step: Step, as inverse: Action, in plan: Plan) -> Notice? {
    guard let change = inverse.device, change.isAdded, !change.isLive else { return nil }
    let address = change.hostdev.address
    let need: String
    if let function = functions[address] {
      let isBound = plan.steps.compactMap(\.action.inverse).contains { $0.bindsForGuests(address) }
      guard !change.hostdev.isManaged, !Drivers.isPassthrough(function.driver), !isBound else { return nil }
      need = "is on a passthrough driver"
    } else {
      guard !isCreatedByPlan(address, in: plan) else { return nil }
      need = "exists"
    }
    return Notice(
      .waits, nic: step.nic, guest: step.guest,
      "\(step.guest ?? change.placement.guest.name) cannot start until \(address) \(need) again")
  }

  /// Whether the action leaves a VF at the address.
  private func makes(_ address: PCIAddress, by action: Action) -> Bool {
    action.kind.virtualFunctions(afterwardsOn: self)?.contains { $0.address == address } ?? false
  }

  /// Returns a notice if the undo removes a device from a definition and the guest, started since, runs with
  /// it.
  func runningDeviceNotice(of step: Step, as inverse: Action, in plan: Plan) -> Notice? {
    guard let change = inverse.device, !change.isAdded, change.placement.part == .persistent,
      holdings[change.hostdev.address]?.contains(where: {
        $0.guest == change.placement.guest && $0.part == .live
      }) ?? false,
      !plan.steps.contains(where: { $0.pluggedIn(change) })
    else { return nil }
    return Notice(
      .waits, nic: step.nic, guest: step.guest,
      "\(step.guest ?? change.placement.guest.name) is running with \(change.hostdev.address) and keeps it until "
        + "the guest is shut down")
  }

  /// Returns the name of the guest that the undo would add a device to, if it does not run or has no
  /// definition.
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
  /// Returns the state with which a step is undone. A step that was interrupted between its first and its
  /// last state counts as done, so that it is undone from where it is.
  func settled(isInDoubt: Bool) -> StepState {
    if isInDoubt, case .other = self { .done } else { self }
  }
}

extension Step {
  /// Whether the step hot-plugged the device that the change removes from the definition.
  fileprivate func pluggedIn(_ change: DeviceChange) -> Bool {
    action.device.map {
      $0.isAdded && $0.isLive && $0.placement.guest == change.placement.guest
        && $0.hostdev.address == change.hostdev.address
    } ?? false
  }
}
