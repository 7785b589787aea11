import HostModel
import Planning

/// The possible recoveries of a run that did not end, from the observed states of its steps.
public struct Recovery: Sendable {
  public let journal: Journal
  public let host: HostIndex
  /// The steps whose state may differ from the journal: those whose end was not recorded, and those
  /// whose effects are not on the host any more.
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

  /// Whether the host was rebooted since: drivers, VFs and running guests are then in the state
  /// that the boot set up.
  public var isOtherBoot: Bool { journal.isOfOtherBoot(than: state) }

  /// The entries that record the findings, the last step first: if writing them is interrupted, the
  /// remaining effects are those of the first steps of the run.
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

  /// The effects that are on the host.
  public var effects: [Effect] { known.effects.located(on: host) }

  /// The effects that can be undone if guards refuse the undo as a whole. An apply that was not confirmed is
  /// undone as far as possible, because the NIC that the operator lost may be in that part.
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

  /// Returns the plan that resumes the run in a direction: undoing its effects, finishing it, or leaving
  /// them.
  public func plan(_ direction: RecoveryDirection) -> Plan {
    switch (direction, journal.header.task) {
    case (.back, _):
      // A run that ended is undone by a rollback, which also loads the modules that it needs.
      journal.awaitsConfirmation && !isOtherBoot
        ? Planner.rollback(of: known.planOfEffects, on: host, inDoubt: inDoubt, isFinal: false)
        : Planner.rollback(of: known.planOfEffects, on: host, inDoubt: inDoubt, isFinal: false).withoutModules
    case (.forward, .apply):
      Planner.plan(ResolvedRequest(journal.request, on: host)).beginning(with: partlyDone).withoutOrigins
    // The steps of a rollback are the inverses of the inverses of its steps. If these steps remove
    // a function from the host, this run had not returned it to the host, so the rollback counts as
    // final.
    case (.forward, .rollback): Planner.rollback(of: rest.inverse, on: host, inDoubt: partly)
    case (.leave, _):
      Plan(
        request: journal.request, machine: state.machine, steps: [], refusals: [], notices: [], facts: [])
    }
  }

  /// Returns the judge that evaluates the guards again before each step of a plan of this recovery.
  public func judge(of plan: Plan, _ direction: RecoveryDirection) -> StepJudge {
    let runDirection: RunDirection =
      switch (direction, journal.header.task) {
      case (.forward, .apply): .forward
      case (.forward, .rollback): .back(isFinal: true)
      case (.back, _), (.leave, _): .back(isFinal: false)
      }
    return StepJudge(plan, runDirection, since: host)
  }

  /// The steps that are done in part and have to be finished. A new plan may treat them as done.
  private var partlyDone: [Step] {
    findings.compactMap { if case .other = $0.state { $0.effect.step } else { nil } }
  }

  /// The steps of the plan that remain; after a reboot, only those whose effects survive a reboot.
  private var rest: Plan {
    var plan = journal.header.plan
    if let before = journal.header.boot, let now = state.kernel.bootID, before != now {
      plan.steps.removeAll { !$0.action.outlivesBoot }
    }
    return plan
  }

  private var inDoubt: Set<String> { Set(known.effects.filter { !$0.isDone }.map(\.step.id)) }

  /// The steps of the rolled back run that the interrupted rollback has undone in part.
  private var partly: Set<String> { Set(inDoubt.map { Plan.inverse(of: $0) }) }
}

/// A step whose end was not recorded or whose effect is not on the host any more, and its observed
/// state.
public struct FoundEffect: Sendable {
  public let effect: Effect
  public let state: StepState
}

extension Journal {
  /// Whether the host was rebooted since the run was begun or last resumed.
  public func isOfOtherBoot(than state: HostState) -> Bool {
    let last = entries.lazy.reversed().compactMap { entry -> String?? in
      if case .recovering(_, _, let boot) = entry { boot } else { nil }
    }.first
    guard let before = last ?? header.boot, let now = state.kernel.bootID else { return false }
    return before != now
  }
}

extension Plan {
  /// The plan without steps that load modules: the effects of an interrupted run need no module that is not
  /// loaded.
  fileprivate var withoutModules: Plan {
    var result = self
    result.steps.removeAll { $0.reason == .needed }
    return result
  }

  /// The plan without manifest lines: its manifests come from the journal and are not in a file
  /// that an operator can edit.
  fileprivate var withoutOrigins: Plan {
    var result = self
    for index in result.steps.indices { result.steps[index].origin = nil }
    for index in result.refusals.indices { result.refusals[index].origin = nil }
    return result
  }

  /// Returns the plan with those of the given steps at its beginning that it does not contain.
  fileprivate func beginning(with first: [Step]) -> Plan {
    guard refusals.isEmpty else { return self }
    let ids = Set(steps.map(\.id))
    var result = self
    let begun = Set(first.map(\.id)).subtracting(ids)
    // The plan contains no waits for these steps, so all of its steps wait for them.
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

  /// The plan that this plan rolls back.
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
