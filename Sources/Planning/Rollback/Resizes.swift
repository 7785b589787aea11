import HostModel

/// VFs that came and went with the plan. They have the addresses of those that were there before, and are others.
struct Resizes {
  private var ends: [PCIAddress: (number: Int, state: StepState)] = [:]
  private var numbers: [String: Int] = [:]
  private let host: HostIndex

  init(_ plan: Plan, _ host: HostIndex, _ inDoubt: Set<String>) {
    self.host = host
    for (number, step) in plan.steps.enumerated() {
      numbers[step.id] = number
      guard case .resize(let resize) = step.action else { continue }
      let state = host.state(of: step.action).settled(isInDoubt: inDoubt.contains(step.id))
      let most = max(resize.from.count, resize.to.count)
      for member in host.functions[resize.address]?.virtualFunctions(most) ?? [] {
        ends[member.address] = (number, state)
      }
    }
  }

  /// Nil where the host as it is now tells.
  func state(of step: Step) -> StepState? {
    guard step.action.guest == nil, let function = step.action.function, let end = ends[function] else {
      return nil
    }
    if let number = numbers[step.id], number < end.number {
      // Done with the old one, which is not there to be looked at.
      return end.state == .done ? .done : nil
    }
    // With the new one all that was done with it is gone.
    return end.state == .done && host.functions[function] != nil ? nil : .notDone
  }
}
