import HostModel

/// VFs that came and went with the plan. They have the addresses of those that were there before, and are others.
struct Resizes {
  private var ends: [PCIAddress: (number: Int, state: StepState)] = [:]
  private var numbers: [String: Int] = [:]
  /// Of those whose VFs the plan has set besides.
  private var ownStates: [String: StepState] = [:]
  private let host: HostIndex

  init(_ plan: Plan, _ host: HostIndex, _ inDoubt: Set<String>) {
    self.host = host
    for (number, step) in plan.steps.enumerated() {
      numbers[step.id] = number
      guard case .resize(var resize) = step.action else { continue }
      // What the plan has set on the new ones later is not what they came with, and what it set on the old ones before they
      // may have again.
      for index in host.settable(in: plan.steps[(number + 1)...], of: resize) {
        if resize.to.settings.indices.contains(index) { resize.to.settings[index] = VFSettings() }
      }
      for index in host.settable(in: plan.steps[..<number], of: resize) {
        if resize.from.settings.indices.contains(index) { resize.from.settings[index] = VFSettings() }
      }
      let isSetOtherwise = Action.resize(resize) != step.action
      let state = host.state(of: .resize(resize)).settled(isInDoubt: inDoubt.contains(step.id))
      if isSetOtherwise { ownStates[step.id] = state }
      let most = max(resize.from.count, resize.to.count)
      for member in host.functions[resize.address]?.virtualFunctions(most) ?? [] {
        ends[member.address] = (number, state)
      }
    }
  }

  /// Nil where the host as it is now tells.
  func state(of step: Step) -> StepState? {
    if let own = ownStates[step.id] { return own }
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

extension HostIndex {
  /// The numbers of a PF's VFs that steps set.
  fileprivate func settable(in steps: ArraySlice<Step>, of resize: ResizeVFs) -> [Int] {
    steps.lazy.map(\.action).filter(\.setsVF).compactMap { action in
      let place = action.function.flatMap { functions[$0]?.virtualFunction }
      return place?.physicalFunction == resize.address ? place?.index : nil
    }
  }
}

extension Action {
  /// Whether it sets what a PF holds of a VF, or has libvirt set or reset it.
  fileprivate var setsVF: Bool {
    switch self {
    case .configure: true
    case .edit: false
    case .attach, .detach: device.map { $0.hostdev.device == .interface && $0.isLive } ?? false
    case .bind, .load, .resize: false
    }
  }
}
