import Files
import HostModel
import Planning

/// A step that has changed something, or may have.
public struct Effect: Sendable, Equatable {
  public let step: Step
  /// As it was begun.
  public let action: Action
  /// Nil is not known: it was begun, and nobody saw its end.
  public var isDone: Bool

  public init(step: Step, action: Action, isDone: Bool) {
    self.step = step
    self.action = action
    self.isDone = isDone
  }

  /// The step with the action that was begun.
  var stepAsBegun: Step {
    var result = step
    result.action = action
    return result
  }
}

extension Journal {
  /// What is left of it on the host, as far as was written down, in the order in which it ended.
  public var effects: [Effect] {
    var result: [Effect] = []
    func last(_ step: Step) -> Int? { result.lastIndex { $0.step.id == step.id } }
    for entry in entries {
      switch entry {
      case .starting(let step, let action):
        // What was begun and is begun again leads back to where it was at first.
        var begun = action
        if let index = result.lastIndex(where: { effect in
          (!effect.isDone || effect.step.id == step.id) && action.continuing(effect.action) != nil
        }) {
          begun = action.continuing(result.remove(at: index).action) ?? action
        }
        result.append(Effect(step: step, action: begun, isDone: false))
      case .done(let step, _):
        // Of steps that were done side by side, the order in which they ended counts.
        if let index = last(step) {
          var effect = result.remove(at: index)
          effect.isDone = true
          result.append(effect)
        }
      case .found(let step, .done):
        if let index = last(step) { result[index].isDone = true }
      case .undoing(let step, _), .undoFailed(let step, _), .found(let step, .partly):
        if let index = last(step) { result[index].isDone = false }
      case .undone(let step, _), .found(let step, .notDone):
        if let index = last(step) { result.remove(at: index) }
      case .alreadyDone, .failed, .skipped, .recovering, .ended, .confirmed, .unconfirmed: break
      }
    }
    return result
  }

  /// The steps at which it stopped, where it was in the middle of some.
  public var inFlight: [Effect] { effects.filter { !$0.isDone } }

  /// What was begun last of each step whose end nobody saw, and when.
  public var unseen: [(action: Action, since: Moment)] {
    effects.filter { !$0.isDone }.compactMap { effect in
      lines.lazy.reversed().compactMap { line in
        switch line.entry {
        case .starting(effect.step, let action), .undoing(effect.step, let action): (action, line.moment)
        default: nil
        }
      }.first
    }
  }

  /// What it did, as a plan that can be taken back: each step as it was begun.
  public var planOfEffects: Plan { Plan(ofEffects: effects, of: header.plan) }
}

extension [Effect] {
  /// The same with the names that their guests have now.
  func located(on host: HostIndex) -> [Effect] {
    zip(self, Planner.located(map(\.stepAsBegun), on: host)).map { effect, step in
      Effect(step: effect.step, action: step.action, isDone: effect.isDone)
    }
  }
}

extension Plan {
  init(ofEffects effects: [Effect], of plan: Plan) {
    self = plan
    steps = effects.map(\.stepAsBegun)
    refusals = []
    notices = []
  }
}
