import HostModel
import Manifests

extension HostIndex {
  /// Functions that the running guest has which the plan took them from: they are bound as that guest needs it.
  func returned(of plan: Plan) -> Set<PCIAddress> {
    Set(
      plan.steps.lazy.filter { $0.unplugs($0.action.function) && state(of: $0.action) == .notDone }
        .compactMap(\.action.function))
  }

  /// How far an action has come that is not to be carried out any more: what is as good as its end is one.
  func standing(of action: Action, _ returned: Set<PCIAddress>) -> StepState {
    let state = self.state(of: action)
    guard case .other = state, case .bind(let step) = action, let function = functions[step.address] else {
      return state
    }
    if returned.contains(step.address) { return .notDone }
    let now = Binding(of: function)
    return step.to.isAsGood(as: now) ? .done : step.from.isAsGood(as: now) ? .notDone : state
  }

  /// A function that was bound once more to where it was, lest libvirt put it back elsewhere.
  func isKept(_ action: Action) -> Bool {
    guard case .bind(let step) = action, let function = functions[step.address] else { return false }
    return step.from.isMet(by: Binding(of: function))
  }

  /// What a running guest cannot take, because it is not on a driver for guests any more, nor would be by then. What is
  /// managed libvirt binds itself.
  func unready(_ action: Action, _ before: [Step]) -> String? {
    guard let change = action.device, change.isAdded, change.isLive,
      let function = functions[change.hostdev.address], !Drivers.isPassthrough(function.driver)
    else { return nil }
    if case .libvirt = change.placement.guest, change.hostdev.isManaged { return nil }
    let isBound = before.contains { step in
      guard case .bind(let bind) = step.action, bind.address == function.address else { return false }
      return Drivers.isPassthrough(bind.to.driver)
    }
    return isBound ? nil : "\(function.address) is on \(function.driver ?? "no driver") now"
  }

  /// The guest that an attach needs and that is not there to take anything.
  func missingGuest(for action: Action) -> String? {
    guard let change = action.device, change.isAdded else { return nil }
    let placement = change.placement
    return guests[placement.guest]?.hostdevs(placement.part) == nil ? placement.guest.name : nil
  }
}

extension StepState {
  /// A step that was begun and is neither here nor there is taken back from where it is.
  func settled(isInDoubt: Bool) -> StepState {
    if isInDoubt, case .other = self { .done } else { self }
  }
}
