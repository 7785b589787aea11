import Documents
import HostModel
import Hosts
import Planning

extension StepJudge {
  /// - Parameter effects: what a run that is not final has done, in the order in which it came to be.
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

  /// Reads what the step is about, and fails where something stands against it now.
  func ask(_ step: Step, as action: Action, on host: any Host) throws(HostFailure) {
    guard action.function != nil else { return }
    let now: HostState
    let subject = subject(step, as: action)
    do { now = try host.observe(about: subject.action, since: before.state) } catch {
      throw HostFailure(
        .unreadable,
        "whether it may be done now is not known: " + error.message)
    }
    if let refusal = refusal(of: subject, on: HostIndex(now)) { throw HostFailure(refusal) }
  }

  /// What stands against undoing it now. Where that cannot be read, the undo goes on without being judged.
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
  /// What guards have against a step.
  init(_ refusal: Refusal) {
    let details = refusal.details.isEmpty ? "" : ": " + refusal.details.joined(separator: "; ")
    self.init(
      refusal.code == .inUse ? .inUse : .refused, refusal.message + details, help: refusal.help,
      refusal: refusal.code)
  }
}
