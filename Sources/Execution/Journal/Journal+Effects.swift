import Files
import HostModel
import Planning

/// A step that has changed something, or may have.
public struct Effect: Sendable, Equatable {
  public let step: Step
  /// The action as it was begun.
  public let action: Action
  /// Whether the end of the step was recorded. If not, it may be done in part.
  public var isDone: Bool

  public init(step: Step, action: Action, isDone: Bool) {
    self.step = step
    self.action = action
    self.isDone = isDone
  }

  /// The step with the action as it was begun.
  var stepAsBegun: Step {
    var result = step
    result.action = action
    return result
  }
}

extension Journal {
  /// The effects of the run that are on the host according to the journal, in the order in which
  /// their steps ended.
  public var effects: [Effect] {
    var result: [Effect] = []
    func last(_ step: Step) -> Int? { result.lastIndex { $0.step.id == step.id } }
    for entry in entries {
      switch entry {
      case .starting(let step, let action):
        // The undo of a step that is begun twice leads to the state before the first time.
        var begun = action
        if let index = result.lastIndex(where: { effect in
          (!effect.isDone || effect.step.id == step.id) && action.continuing(effect.action) != nil
        }) {
          begun = action.continuing(result.remove(at: index).action) ?? action
        }
        result.append(Effect(step: step, action: begun, isDone: false))
      case .done(let step, _):
        // The order in which steps ended counts, not the order in which they were begun.
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
      case .alreadyDone, .failed, .skipped, .recovering, .recorded, .ended, .confirmed, .unconfirmed: break
      }
    }
    return result
  }

  /// The steps whose end was not recorded.
  public var inFlight: [Effect] { effects.filter { !$0.isDone } }

  /// The last action of each step whose end was not recorded, and when it was begun.
  public var unfinishedActions: [(action: Action, since: Moment)] {
    effects.filter { !$0.isDone }.compactMap { effect in
      lines.lazy.reversed().compactMap { line in
        switch line.entry {
        case .starting(effect.step, let action), .undoing(effect.step, let action): (action, line.moment)
        default: nil
        }
      }.first
    }
  }

  /// The effects of the run, as a plan that can be rolled back: each step with its action as it was
  /// begun.
  public var planOfEffects: Plan { Plan(ofEffects: effects, of: header.plan) }
}

extension [Effect] {
  /// Returns the effects with the names that their guests have now.
  func located(on host: HostIndex) -> [Effect] {
    zip(self, Planner.located(map(\.stepAsBegun), on: host)).map { effect, step in
      Effect(step: effect.step, action: step.action, isDone: effect.isDone)
    }
  }
}

extension Plan {
  /// Creates a plan of the effects of a run.
  init(ofEffects effects: [Effect], of plan: Plan) {
    self = plan
    steps = effects.map(\.stepAsBegun)
    refusals = []
    notices = []
  }
}
