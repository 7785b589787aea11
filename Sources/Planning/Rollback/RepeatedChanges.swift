import HostModel

/// Several steps of one plan may change the same value one after another: if two devices exchange their names,
/// or two VFs their MAC addresses, one of them gets another value in between. The host shows only the value of
/// the last step that is done.
extension HostIndex {
  /// Returns how far an edit has come if other edits of the plan are about the same device: the definition
  /// then shows one of the values that the device had. `nil` if it shows none of them.
  func state(of edit: EditDevice, among steps: [Step]) -> StepState? {
    let edits = steps.compactMap { step -> EditDevice? in
      guard case .edit(let other) = step.action, other.placement == edit.placement,
        other.to.address == edit.to.address
      else { return nil }
      return other
    }
    guard let own = edits.firstIndex(of: edit) else { return nil }
    // All edits up to the last one that is done are done.
    if let last = edits.lastIndex(where: { $0.state(on: self) == .done }) {
      return own <= last ? .done : .notDone
    }
    return edits.first?.state(on: self) == .notDone ? .notDone : nil
  }

  /// Returns how far a step that configures a VF has come if other steps of the plan configure the same VF, as
  /// long as it exists: each setting then has one of the values that these steps give it. `nil` if a setting
  /// has another value, or the steps are done in part.
  func state(of configure: ConfigureVF, by step: Step, among steps: [Step]) -> StepState? {
    guard case .known(let now)? = functions[configure.place.address]?.virtualFunction?.settings,
      let own = steps.firstIndex(where: { $0.id == step.id })
    else { return nil }
    let place = configure.place
    let earlier = steps[..<own].reversed().prefix { !$0.replaces(place) }.compactMap { $0.configuring(place) }
    let later = steps[(own + 1)...].prefix { !$0.replaces(place) }.compactMap { $0.configuring(place) }
    if configure.to.isMet(by: now, orAnyOf: later.map(\.to)) { return .done }
    return configure.from.isMet(by: now, orAnyOf: earlier.map(\.from)) ? .notDone : nil
  }
}

extension Step {
  /// The action, if it configures the VF.
  fileprivate func configuring(_ place: VFLocation) -> ConfigureVF? {
    guard case .configure(let configure) = action, configure.place == place else { return nil }
    return configure
  }

  /// Whether the step deletes the VF, or creates another one in its place.
  fileprivate func replaces(_ place: VFLocation) -> Bool {
    if case .resize(let resize) = action { resize.address == place.physicalFunction } else { false }
  }
}

extension VFSettings {
  /// Whether `actual` has, for each setting that is given here, the value given here or by one of the others.
  fileprivate func isMet(by actual: VFSettings, orAnyOf others: [VFSettings]) -> Bool {
    VFSetting.allCases.allSatisfy { setting in
      only(setting).isMet(by: actual)
        || others.contains { !$0.only(setting).isEmpty && $0.only(setting).isMet(by: actual) }
    }
  }
}
