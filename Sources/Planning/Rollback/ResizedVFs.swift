import HostModel

/// The VFs that a plan deleted or created. New VFs have the addresses of the deleted ones and are different
/// functions, so the host alone does not show how far the steps on them have come.
struct ResizedVFs {
  private var ends: [PCIAddress: (number: Int, state: StepState)] = [:]
  private var numbers: [String: Int] = [:]
  /// The states of resizing steps whose VFs the plan configured by steps of its own.
  private var ownStates: [String: StepState] = [:]
  private let host: HostIndex

  init(_ plan: Plan, _ host: HostIndex, _ inDoubt: Set<String>) {
    self.host = host
    for (number, step) in plan.steps.enumerated() {
      numbers[step.id] = number
      guard case .resize(var resize) = step.action else { continue }
      // Settings that later steps made are not those of the newly created VFs, and settings of the old VFs
      // that earlier steps made are restored by the undo of those.
      for index in host.configuredIndices(in: plan.steps[(number + 1)...], of: resize) {
        if resize.to.settings.indices.contains(index) { resize.to.settings[index] = VFSettings() }
      }
      for index in host.configuredIndices(in: plan.steps[..<number], of: resize) {
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

  /// Returns how far a step has come, or `nil` if the observed host alone shows that.
  func state(of step: Step) -> StepState? {
    if let own = ownStates[step.id] { return own }
    guard step.action.guest == nil, let function = step.action.function, let end = ends[function] else {
      return nil
    }
    if let number = numbers[step.id], number < end.number {
      // The step was done on a VF that was deleted since.
      return end.state == .done ? .done : nil
    }
    // Deleting the new VF deleted the effect of the step.
    return end.state == .done && host.functions[function] != nil ? nil : .notDone
  }
}

extension HostIndex {
  /// Returns the indices of a PF's VFs that the steps configure.
  fileprivate func configuredIndices(in steps: ArraySlice<Step>, of resize: ResizeVFs) -> [Int] {
    steps.lazy.map(\.action).filter(\.configuresVF).compactMap { action in
      let place = action.function.flatMap { functions[$0]?.virtualFunction }
      return place?.physicalFunction == resize.address ? place?.index : nil
    }
  }
}

extension Action {
  /// Whether the action changes the settings of a VF, directly or through libvirt.
  fileprivate var configuresVF: Bool {
    switch self {
    case .configure: true
    case .edit: false
    case .attach, .detach: device.map { $0.hostdev.device == .interface && $0.isLive } ?? false
    case .bind, .load, .resize: false
    }
  }
}
