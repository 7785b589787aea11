import Documents
import HostModel
import Hosts
import Planning

extension StepJudge {
  /// Judges the undo of a run that is not final.
  ///
  /// - Parameter effects: in the order in which their steps ended.
  init(undoing effects: [Effect], of plan: Plan, since before: HostIndex) {
    var back = plan
    back.steps = effects.reversed().compactMap { effect in
      var step = effect.step
      guard let inverse = effect.action.inverse else { return nil }
      step.action = inverse
      return step
    }
    self.init(back, .back(isFinal: false), since: before)
  }

  /// Reads the parts of the host that the step changes, and evaluates the guards.
  ///
  /// - Throws: a failure with the refusal of the guard, or `unreadable` if the host cannot be read.
  func ask(_ step: Step, as action: Action, on host: any Host) throws(HostFailure) {
    guard action.function != nil else { return }
    let now: HostState
    let subject = subject(step, as: action)
    do { now = try host.observe(about: subject.action, since: before.state) } catch {
      throw HostFailure(
        .unreadable,
        "whether the guards allow this step now is unknown: " + error.message)
    }
    if let refusal = refusal(of: subject, on: HostIndex(now)) { throw HostFailure(refusal) }
  }

  /// Returns the reason why the step must not be undone now, or `nil`. If the host cannot be read,
  /// the undo continues.
  func failureOfUndoing(_ step: Step, by inverse: Action, on host: any Host) -> HostFailure? {
    do throws(HostFailure) {
      try ask(step, as: inverse, on: host)
      return nil
    } catch {
      return error.kind == .unreadable ? nil : error
    }
  }
}

extension HostFailure {
  /// The failure of a step that guards refuse.
  init(_ refusal: Refusal) {
    let details = refusal.details.isEmpty ? "" : ": " + refusal.details.joined(separator: "; ")
    self.init(
      refusal.code == .inUse ? .inUse : .refused, refusal.message + details, help: refusal.help,
      refusal: refusal.code)
  }
}
