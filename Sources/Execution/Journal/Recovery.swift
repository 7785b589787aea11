import HostModel
import Planning

/// What there is to be done about an apply or rollback that did not come to its end: found by reading how far its
/// steps have come.
public struct Recovery: Sendable {
  public let journal: Journal
  public let state: HostState
  /// Steps of which it was not known how far they had come, and how far they have.
  public let findings: [Found]

  public struct Found: Sendable {
    public let effect: Effect
    public let progress: Progress
  }

  public init(_ journal: Journal, on state: HostState) {
    self.journal = journal
    self.state = state
    findings = journal.effects.filter { !$0.isDone }
      .map { Found(effect: $0, progress: state.progress(of: $0.action)) }
  }

  /// Whether the host was started anew since: drivers, VFs and running guests are then as a start makes them.
  public var isOtherBoot: Bool {
    let last = journal.entries.lazy.reversed().compactMap { entry -> String?? in
      if case .recovering(_, _, let boot) = entry { boot } else { nil }
    }.first
    guard let before = last ?? journal.header.boot, let now = state.kernel.bootID else { return false }
    return before != now
  }

  /// Entries that say what was found.
  public var entries: [JournalEntry] {
    findings.map { found in
      let finding: JournalEntry.Finding =
        switch found.progress {
        case .done: .done
        case .notDone: .notDone
        case .other: .partly
        }
      return .found(found.effect.step, finding)
    }
  }

  /// What is there of it.
  public var effects: [Effect] { known.effects.filter { !isVoid($0.action.inverse) } }

  /// A running guest that ended with another boot has nothing to be given back: when it starts, its definition tells.
  private func isVoid(_ action: Action?) -> Bool {
    guard isOfEarlierBoot, case .attach(_, let place)? = action, place.part == .live,
      case .known(let guests) = state.guests(of: place.guest)
    else { return false }
    return guests.first { $0.name == place.guest.name }?.live == nil
  }

  /// Whether any of it was done before the host was started anew.
  private var isOfEarlierBoot: Bool {
    guard let now = state.kernel.bootID else { return false }
    let boots = journal.entries.compactMap { if case .recovering(_, _, let boot) = $0 { boot } else { nil } }
    return (boots + [journal.header.boot].compactMap { $0 }).contains { $0 != now }
  }

  private var known: Journal {
    var known = journal
    known.lines += entries.map { Journal.Line(at: journal.began, $0) }
    return known
  }

  public func plan(_ direction: JournalEntry.Direction) -> Plan {
    switch (direction, journal.header.task) {
    case (.back, _):
      Planner.rollback(
        of: Plan(doing: effects, of: journal.header.plan), on: state, inDoubt: inDoubt)
    case (.forward, .apply): Planner.plan(journal.request, on: state).beginning(with: partlyDone)
    // The way back of what takes the steps of a rollback back are those steps.
    case (.forward, .rollback):
      Planner.rollback(
        of: journal.header.plan.without(isVoid).inverse, on: state, inDoubt: partly)
    case (.leave, _):
      Plan(request: journal.request, steps: [], refusals: [], notices: [], facts: [])
    }
  }

  /// Steps that are to be brought to their end: to a plan they may look as if they were there.
  private var partlyDone: [Step] {
    findings.compactMap { if case .other = $0.progress { $0.effect.step } else { nil } }
  }

  private var inDoubt: Set<String> { Set(known.effects.filter { !$0.isDone }.map(\.step.id)) }

  /// Steps of a rollback that were begun are those that they take back, half gone.
  private var partly: Set<String> { Set(inDoubt.map { Plan.inverse(of: $0) }) }
}

extension Plan {
  /// The plan with these steps first, as far as it does nothing about the same functions.
  fileprivate func beginning(with first: [Step]) -> Plan {
    guard refusals.isEmpty else { return self }
    let functions = Set(steps.compactMap(\.action.function))
    var result = self
    result.steps =
      first.filter { step in !(step.action.function.map(functions.contains) ?? false) }
      .map { step in
        var step = step
        step.after = []
        return step
      } + steps
    return result
  }

  fileprivate func without(_ isVoid: (Action) -> Bool) -> Plan {
    var result = self
    result.steps.removeAll { isVoid($0.action) }
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
