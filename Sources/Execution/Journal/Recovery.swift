import HostModel
import Planning

/// What there is to be done about an apply or rollback that did not come to its end: found by reading how far its
/// steps have come.
public struct Recovery: Sendable {
  public let journal: Journal
  public let host: HostIndex
  /// Steps that may have come to another end than was written down, and how far they have come: those whose end nobody
  /// saw, and those of which nothing is there any more.
  public let findings: [FoundEffect]

  public init(_ journal: Journal, on host: HostIndex) {
    self.journal = journal
    self.host = host
    let isOtherBoot = journal.isOfOtherBoot(than: host.state)
    let effects = journal.effects.located(on: host)
    let plan = Plan(ofEffects: effects, of: journal.header.plan)
    findings = zip(effects, Planner.states(of: plan, on: host))
      .map { effect, state in
        FoundEffect(effect: effect, state: isOtherBoot && !effect.action.outlivesBoot ? .notDone : state)
      }
      .filter { !$0.effect.isDone || $0.state == .notDone }
  }

  public var state: HostState { host.state }

  /// Whether the host was started anew since: drivers, VFs and running guests are then as a start makes them.
  public var isOtherBoot: Bool { journal.isOfOtherBoot(than: state) }

  /// Entries that say what was found, the last step first: whenever their writing stops, what is left is a beginning of
  /// what was done.
  public var entries: [JournalEntry] {
    findings.reversed().map { found in
      let finding: FoundState =
        switch found.state {
        case .done: .done
        case .notDone: .notDone
        case .other: .partly
        }
      return .found(found.effect.step, finding)
    }
  }

  /// What is there of it.
  public var effects: [Effect] { known.effects.located(on: host) }

  /// What of it can be undone where guards refuse the way back as a whole. Of a run that was not confirmed so much comes
  /// back as can: the NIC that the operator lost may be a part of that.
  public var undoable: [Effect] {
    let plan = Plan(ofEffects: effects, of: journal.header.plan)
    let refusals = Planner.refusals(ofUndoing: plan, on: host, inDoubt: inDoubt)
    return effects.filter { effect in
      effect.action.inverse != nil && effect.action.function.map { refusals[$0] == nil } ?? true
    }
  }

  private var known: Journal {
    var known = journal
    known.lines += entries.map { Journal.Line(journal.start, $0) }
    return known
  }

  public func plan(_ direction: RecoveryDirection) -> Plan {
    switch (direction, journal.header.task) {
    case (.back, _):
      // A run that came to its end is undone like by a rollback, with the modules that it takes.
      journal.awaitsConfirmation && !isOtherBoot
        ? Planner.rollback(of: known.planOfEffects, on: host, inDoubt: inDoubt, isFinal: false)
        : Planner.rollback(of: known.planOfEffects, on: host, inDoubt: inDoubt, isFinal: false).withoutModules
    case (.forward, .apply):
      Planner.plan(ResolvedRequest(journal.request, on: host)).beginning(with: partlyDone).withoutOrigins
    // The way back of what takes the steps of a rollback back are those steps. The function that it takes from the host is
    // none that this run has given to it.
    case (.forward, .rollback): Planner.rollback(of: rest.inverse, on: host, inDoubt: partly)
    case (.leave, _):
      Plan(
        request: journal.request, machine: state.machine, steps: [], refusals: [], notices: [], facts: [])
    }
  }

  /// Asks the guards again before each step of a plan that this makes.
  public func judge(of plan: Plan, _ direction: RecoveryDirection) -> StepJudge {
    let runDirection: RunDirection =
      switch (direction, journal.header.task) {
      case (.forward, .apply): .forward
      case (.forward, .rollback): .back(isFinal: true)
      case (.back, _), (.leave, _): .back(isFinal: false)
      }
    return StepJudge(plan, runDirection, since: host)
  }

  /// Steps that are to be brought to their end: to a plan they may look as if they were there.
  private var partlyDone: [Step] {
    findings.compactMap { if case .other = $0.state { $0.effect.step } else { nil } }
  }

  /// What of the plan is still to be done: of that of another boot only what outlives one.
  private var rest: Plan {
    var plan = journal.header.plan
    if let before = journal.header.boot, let now = state.kernel.bootID, before != now {
      plan.steps.removeAll { !$0.action.outlivesBoot }
    }
    return plan
  }

  private var inDoubt: Set<String> { Set(known.effects.filter { !$0.isDone }.map(\.step.id)) }

  /// Steps of a rollback that were begun are those that they take back, half gone.
  private var partly: Set<String> { Set(inDoubt.map { Plan.inverse(of: $0) }) }
}

/// A step whose end was not recorded, or of which nothing is there any more, and how far it has come.
public struct FoundEffect: Sendable {
  public let effect: Effect
  public let state: StepState
}

extension Journal {
  /// Whether what it was last about was before the host's last start.
  fileprivate func isOfOtherBoot(than state: HostState) -> Bool {
    let last = entries.lazy.reversed().compactMap { entry -> String?? in
      if case .recovering(_, _, let boot) = entry { boot } else { nil }
    }.first
    guard let before = last ?? header.boot, let now = state.kernel.bootID else { return false }
    return before != now
  }
}

extension Plan {
  /// Without what a start of the host has taken: what an interrupted run left needs no module that is not there.
  fileprivate var withoutModules: Plan {
    var result = self
    result.steps.removeAll { $0.reason == .needed }
    return result
  }

  /// The manifests of then are read from the journal, which is no place that anybody wrote them into.
  fileprivate var withoutOrigins: Plan {
    var result = self
    for index in result.steps.indices { result.steps[index].origin = nil }
    for index in result.refusals.indices { result.refusals[index].origin = nil }
    return result
  }

  /// The plan with these steps first, as far as it has none of them.
  fileprivate func beginning(with first: [Step]) -> Plan {
    guard refusals.isEmpty else { return self }
    let ids = Set(steps.map(\.id))
    var result = self
    let begun = Set(first.map(\.id)).subtracting(ids)
    // Nothing of the plan knows that it rests on these.
    result.steps =
      first.filter { begun.contains($0.id) }.map { step in
        var step = step
        step.after.removeAll { !begun.contains($0) }
        return step
      }
      + steps.map { step in
        var step = step
        step.after += begun.sorted()
        return step
      }
    return result
  }

  /// The plan whose way back this is.
  fileprivate var inverse: Plan {
    var result = self
    var after: [String: [String]] = [:]
    for step in steps {
      for earlier in step.after { after[earlier, default: []].append(Self.inverse(of: step.id)) }
    }
    result.steps = steps.reversed().compactMap { step in
      guard let action = step.action.inverse else { return nil }
      var result = step
      result.id = Self.inverse(of: step.id)
      result.action = action
      result.after = after[step.id] ?? []
      return result
    }
    return result
  }

  fileprivate static func inverse(of id: String) -> String {
    id.hasPrefix(undo) ? String(id.dropFirst(undo.count)) : undo + id
  }

  private static let undo = "undo/"
}
