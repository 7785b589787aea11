import Files
import Hosts
import Planning

/// The undoing of effects, the last one first; what does not rest on each other side by side. What cannot be undone is
/// kept with its reason, with all that it rests on, and the rest is undone all the same.
struct BackwardRun {
  /// The last one first.
  private var effects: [Effect]
  private let completed: [Step]
  private var judge: StepJudge?
  private let executor: Executor
  private var lanes: Lanes<Answer>
  private var starts: [Int: ContinuousClock.Instant] = [:]
  /// What a step that could not be undone rests on stays, too.
  private var kept: Set<String> = []
  /// Steps that guards keep from being undone, and why.
  private var refused: [String: HostFailure] = [:]

  private enum Answer: Sendable {
    /// Whether it is, and what stands against undoing it otherwise.
    case isUndone(Bool, HostFailure?)
    case performed(HostFailure?)
  }

  /// - Parameter effects: in the order in which they came to be.
  init(
    _ effects: [Effect], completed: [Step], _ resources: Resources, _ judge: StepJudge?, _ executor: Executor
  ) {
    self.judge = judge.map { StepJudge(undoing: effects, of: $0.plan, since: $0.before) }
    self.effects = effects.reversed()
    self.completed = completed
    self.executor = executor
    let uses = self.effects.map { resources.use(by: $0.action) }
    let numbers = Dictionary(
      self.effects.enumerated().map { ($1.step.id, $0) }, uniquingKeysWith: { first, _ in first })
    // A step is undone behind all that rests on it, and where two use the same, in reverse of how they ended.
    var before = ResourceUse.order(of: uses)
    for (number, effect) in self.effects.enumerated() {
      for id in completed.ground(of: effect.step) {
        if let ground = numbers[id], ground > number { before[ground].append(number) }
      }
    }
    lanes = Lanes(Schedule(before: before, uses: uses), executor.order)
  }

  /// The undo waits no longer than this for the host to be read.
  private static let reading = Duration.seconds(30)

  /// Has the guards judge it, as they judge a rollback. Where the host cannot be read in time, the undo goes on without
  /// being judged; the checks that each primitive makes stay.
  mutating func judgeWhole() {
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

  mutating func run(_ outcome: inout Outcome, stop: () -> String?) {
    while true {
      while !outcome.isStopped {
        if stop() != nil {
          outcome.isStopped = !lanes.schedule.left.isEmpty
          break
        }
        guard let number = lanes.begin() else { break }
        begin(number, &outcome)
      }
      guard let (number, answer) = lanes.answer() else { return }
      switch answer {
      case .isUndone(let isUndone, let failure): looked(number, isUndone, failure, &outcome)
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
        HostFailure(.refused, "it is left as it is: what rests on it could not be undone"), &outcome)
    }
    guard let inverse = effect.action.inverse else { return lanes.end(number) }
    let (host, judge) = (executor.host, judge)
    // What cannot be read counts as left.
    lanes.ask(number) {
      if (try? host.state(of: effect.action)) == .notDone { return .isUndone(true, nil) }
      return .isUndone(false, judge?.failureOfUndoing(effect.step, by: inverse, on: host))
    }
  }

  private mutating func looked(
    _ number: Int, _ isUndone: Bool, _ failure: HostFailure?, _ outcome: inout Outcome
  ) {
    let effect = effects[number]
    if isUndone {
      executor.note(.found(effect.step, .notDone), &outcome)
      return lanes.end(number)
    }
    if let failure = refused[effect.step.id] ?? failure {
      kept.formUnion(completed.ground(of: effect.step))
      return fail(number, failure, &outcome)
    }
    guard let inverse = effect.action.inverse else { return lanes.end(number) }
    executor.note(.undoing(effect.step, by: inverse), &outcome)
    let host = executor.host
    lanes.ask(number) { .performed(host.failure(of: inverse, step: "undo/\(effect.step.id)")) }
  }

  private mutating func performed(_ number: Int, _ failure: HostFailure?, _ outcome: inout Outcome) {
    let effect = effects[number]
    if let failure {
      kept.formUnion(completed.ground(of: effect.step))
      return fail(number, failure, &outcome)
    }
    outcome.undone.append(effect.step)
    let took = starts[number].map { executor.clock.now - $0 } ?? .zero
    executor.note(.undone(effect.step, took: took), &outcome)
    lanes.end(number)
  }

  private mutating func fail(_ number: Int, _ failure: HostFailure, _ outcome: inout Outcome) {
    let effect = effects[number]
    outcome.undoFailures.append(
      StepFailure(step: effect.step, failure: failure, begun: effect.action.inverse))
    executor.note(.undoFailed(effect.step, failure), &outcome)
    lanes.end(number)
  }
}
