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
}

extension Journal {
  /// What is left of it on the host, as far as was written down, in the order it was done.
  public var effects: [Effect] {
    var result: [Effect] = []
    func last(_ step: Step) -> Int? { result.lastIndex { $0.step.id == step.id } }
    for entry in entries {
      switch entry {
      case .starting(let step, let action):
        // What was begun and is begun again leads back to where it was at first.
        if let index = result.lastIndex(where: { effect in
          (!effect.isDone || effect.step.id == step.id) && action.continues(effect.action)
        }) {
          let first = result.remove(at: index)
          result.append(Effect(step: step, action: action.from(first.action), isDone: false))
        } else {
          result.append(Effect(step: step, action: action, isDone: false))
        }
      case .done(let step, _), .found(let step, .done):
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

  /// The step at which it stopped, where it was in the middle of one.
  public var inFlight: Effect? { effects.last { !$0.isDone } }

  /// What was begun last of each step whose end nobody saw, and when.
  public var unseen: [(action: Action, since: Timestamp)] {
    effects.filter { !$0.isDone }.compactMap { effect in
      lines.lazy.reversed().compactMap { line in
        switch line.entry {
        case .starting(effect.step, let action), .undoing(effect.step, let action): (action, line.at)
        default: nil
        }
      }.first
    }
  }

  /// What it did, as a plan that can be taken back: each step as it was begun.
  public var doings: Plan { Plan(doing: effects, of: header.plan) }
}

extension Plan {
  init(doing effects: [Effect], of plan: Plan) {
    self = plan
    steps = effects.map { effect in
      var step = effect.step
      step.action = effect.action
      return step
    }
    refusals = []
    notices = []
  }
}

extension Action {
  /// Whether both change the same from one value to another.
  fileprivate func continues(_ earlier: Action) -> Bool {
    switch (self, earlier) {
    case (.bind(let one, _, _), .bind(let other, _, _)): one == other
    case (.resize(let one, _, _), .resize(let other, _, _)): one == other
    case (.configure(let one, _, _), .configure(let other, _, _)): one == other
    default: false
    }
  }

  /// The same from where the other began.
  fileprivate func from(_ earlier: Action) -> Action {
    switch (self, earlier) {
    case (.bind(let address, _, let to), .bind(_, let from, _)): .bind(address, from: from, to: to)
    case (.resize(let address, _, let to), .resize(_, let from, _)): .resize(address, from: from, to: to)
    case (.configure(let place, let now, let to), .configure(_, let from, _)):
      .configure(place, from: now.with(from), to: to)
    default: self
    }
  }
}
