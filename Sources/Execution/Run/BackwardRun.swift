import Files
import Hosts
import Planning

/// Undoes effects, the last one first; effects that do not depend on each other are undone at the
/// same time. An effect that cannot be undone stays, together with all effects that it depends on;
/// the others are undone.
struct BackwardRun {
  /// The effects to undo, the last one first.
  private var effects: [Effect]
  private let completed: [Step]
  private var judge: StepJudge?
  private let executor: Executor
  private var runningSteps: RunningSteps<Answer>
  private var starts: [Int: ContinuousClock.Instant] = [:]
  /// The ids of steps that stay because a step that depends on them could not be undone.
  private var kept: Set<String> = []
  /// The steps whose undo the guards refuse, by id, with the reasons.
  private var refused: [String: HostFailure] = [:]

  /// The result of reading or undoing an effect.
  private enum Answer: Sendable {
    /// Whether the effect is undone already; otherwise, the reason why it must not be undone now.
    case isUndone(Bool, HostFailure?)
    case performed(HostFailure?)
  }

  /// - Parameters:
  ///   - effects: in the order in which their steps ended.
  ///   - completed: all steps of the run whose effects are on the host, for their dependencies.
  init(
    _ effects: [Effect], completed: [Step], _ resources: StepResources, _ judge: StepJudge?,
    _ executor: Executor
  ) {
    self.judge = judge.map { StepJudge(undoing: effects, of: $0.plan, since: $0.before) }
    self.effects = effects.reversed()
    self.completed = completed
    self.executor = executor
    let uses = self.effects.map { resources.use(by: $0.action) }
    let numbers = Dictionary(
      self.effects.enumerated().map { ($1.step.id, $0) }, uniquingKeysWith: { first, _ in first })
    // A step is undone after all that depend on it. Steps that use the same resource are undone in reverse of
    // the order in which they ended.
    var before = ResourceUse.order(of: uses)
    for (number, effect) in self.effects.enumerated() {
      for id in completed.prerequisites(of: effect.step) {
        if let prerequisites = numbers[id], prerequisites > number { before[prerequisites].append(number) }
      }
    }
    runningSteps = RunningSteps(Schedule(before: before, uses: uses), executor.order)
  }

  /// The longest time that an undo waits for the host to be read.
  private static let reading = Duration.seconds(30)

  /// Evaluates the guards for the undo as a whole, as for a rollback. If the host cannot be read in
  /// time, the undo continues without the guards; the checks in each primitive remain.
  mutating func judgeUndo() {
    guard let plan = judge?.plan else { return }
    let host = executor.host
    guard let state = within(Self.reading, { try? host.observe() }) ?? nil else { return }
    let observed = HostIndex(state)
    effects = effects.located(on: observed)
    judge = StepJudge(undoing: effects.reversed(), of: plan, since: observed)
    let done = Plan(ofEffects: effects.reversed(), of: plan)
    let inDoubt = Set(effects.filter { !$0.isDone }.map(\.step.id))
    let refusals = Planner.refusals(ofUndoing: done, on: observed, inDoubt: inDoubt)
    for effect in effects {
      guard let refusal = effect.action.function.flatMap({ refusals[$0] }) else { continue }
      refused[effect.step.id] = HostFailure(refusal)
    }
  }

  /// Undoes the effects until all have ended, or `stop` returns a reason not to begin another one.
  mutating func run(_ outcome: inout Outcome, stop: () -> String?) {
    while true {
      while !outcome.isStopped {
        if stop() != nil {
          outcome.isStopped = !runningSteps.schedule.left.isEmpty
          break
        }
        guard let number = runningSteps.begin() else { break }
        begin(number, &outcome)
      }
      guard let (number, answer) = runningSteps.answer() else { return }
      switch answer {
      case .isUndone(let isUndone, let failure): inspected(number, isUndone, failure, &outcome)
      case .performed(let failure): performed(number, failure, &outcome)
      }
    }
  }

  private mutating func begin(_ number: Int, _ outcome: inout Outcome) {
    let effect = effects[number]
    starts[number] = executor.clock.now
    if kept.contains(effect.step.id) {
      return fail(
        number,
        HostFailure(.refused, "it was not undone: a later step that depends on it could not be undone"),
        &outcome)
    }
    guard let inverse = effect.action.inverse else { return runningSteps.end(number) }
    let (host, judge) = (executor.host, judge)
    // An effect that cannot be read counts as present.
    runningSteps.ask(number) {
      if (try? host.state(of: effect.action)) == .notDone { return .isUndone(true, nil) }
      return .isUndone(false, judge?.failureOfUndoing(effect.step, by: inverse, on: host))
    }
  }

  private mutating func inspected(
    _ number: Int, _ isUndone: Bool, _ failure: HostFailure?, _ outcome: inout Outcome
  ) {
    let effect = effects[number]
    if isUndone {
      executor.note(.found(effect.step, .notDone), &outcome)
      return runningSteps.end(number)
    }
    if let failure = refused[effect.step.id] ?? failure {
      kept.formUnion(completed.prerequisites(of: effect.step))
      return fail(number, failure, &outcome)
    }
    guard let inverse = effect.action.inverse else { return runningSteps.end(number) }
    executor.note(.undoing(effect.step, by: inverse), &outcome)
    let host = executor.host
    runningSteps.ask(number) { .performed(host.failure(of: inverse, step: "undo/\(effect.step.id)")) }
  }

  private mutating func performed(_ number: Int, _ failure: HostFailure?, _ outcome: inout Outcome) {
    let effect = effects[number]
    if let failure {
      kept.formUnion(completed.prerequisites(of: effect.step))
      return fail(number, failure, &outcome)
    }
    outcome.undone.append(effect.step)
    let took = starts[number].map { executor.clock.now - $0 } ?? .zero
    executor.note(.undone(effect.step, took: took), &outcome)
    runningSteps.end(number)
  }

  private mutating func fail(_ number: Int, _ failure: HostFailure, _ outcome: inout Outcome) {
    let effect = effects[number]
    outcome.undoFailures.append(
      StepFailure(step: effect.step, failure: failure, begun: effect.action.inverse))
    executor.note(.undoFailed(effect.step, failure), &outcome)
    runningSteps.end(number)
  }
}
