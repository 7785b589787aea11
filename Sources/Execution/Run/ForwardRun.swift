import Hosts
import Planning

/// Carries out the steps of a plan. After a failure no other step begins, and the steps that have begun end.
struct ForwardRun {
  private let steps: [Step]
  private let judge: StepJudge?
  private let executor: Executor
  private var runningSteps: RunningSteps<Answer>
  private var starts: [Int: ContinuousClock.Instant] = [:]
  private var begun: [Int: Action] = [:]
  private var hasFailed = false
  private var withdrawn: [Int] = []

  /// The result of reading or doing a step.
  private enum Answer: Sendable {
    /// The action with its present first state, and whether there is nothing to do.
    case inspected(Result<(action: Action, isDone: Bool), HostFailure>)
    case performed(HostFailure?)
  }

  init(_ steps: [Step], uses: [ResourceUse], _ judge: StepJudge?, _ executor: Executor) {
    self.judge = judge
    self.steps = steps
    self.executor = executor
    runningSteps = RunningSteps(Schedule(steps, uses: uses), executor.order)
  }

  /// The steps that were not begun, in the order of the plan.
  var notBegun: [Step] { (runningSteps.schedule.left + withdrawn).sorted().map { steps[$0] } }

  mutating func run(_ outcome: inout Outcome) {
    while true {
      while !hasFailed, let number = runningSteps.begin() { begin(number, &outcome) }
      guard let (number, answer) = runningSteps.answer() else { return failIfNothingCanBegin(&outcome) }
      switch answer {
      case .inspected(let answer): inspected(number, answer, &outcome)
      case .performed(let failure): performed(number, failure, &outcome)
      }
    }
  }

  /// Fails a step if steps remain and none can begin. pcipass makes no such plans, but a plan file may
  /// contain a cycle.
  private mutating func failIfNothingCanBegin(_ outcome: inout Outcome) {
    guard !hasFailed, let number = runningSteps.schedule.left.first else { return }
    runningSteps.withdraw(number)
    fail(
      number,
      HostFailure(.refused, "it cannot start: the steps of this plan depend on each other in a cycle"),
      &outcome)
  }

  private mutating func begin(_ number: Int, _ outcome: inout Outcome) {
    let step = steps[number]
    starts[number] = executor.clock.now
    if let reason = executor.stop() { return fail(number, HostFailure(.stopped, reason), &outcome) }
    let (host, judge) = (executor.host, judge)
    runningSteps.ask(number) {
      do throws(HostFailure) {
        let action = try host.refreshed(step.action)
        let isDone = try host.state(of: action) == .done
        if !isDone { try judge?.ask(step, as: action, on: host) }
        return .inspected(.success((action, isDone)))
      } catch {
        return .inspected(.failure(error))
      }
    }
  }

  private mutating func inspected(
    _ number: Int, _ answer: Result<(action: Action, isDone: Bool), HostFailure>, _ outcome: inout Outcome
  ) {
    let step = steps[number]
    // Another step has failed in the meantime.
    if hasFailed {
      withdrawn.append(number)
      return runningSteps.end(number)
    }
    do throws(HostFailure) {
      if let reason = executor.stop() { throw HostFailure(.stopped, reason) }
      let (action, isDone) = try answer.get()
      if isDone {
        try executor.write(.alreadyDone(step))
        outcome.completed.append(step)
        return runningSteps.end(number)
      }
      try executor.write(.starting(step, as: action))
      begun[number] = action
      let host = executor.host
      runningSteps.ask(number) { .performed(host.failure(of: action, step: step.id)) }
    } catch {
      fail(number, error, &outcome)
    }
  }

  private mutating func performed(_ number: Int, _ failure: HostFailure?, _ outcome: inout Outcome) {
    let step = steps[number]
    guard let action = begun[number] else { return }
    do throws(HostFailure) {
      if let failure { throw failure }
      try executor.write(.done(step, took: took(number)))
      outcome.done.append(Effect(step: step, action: action, isDone: true))
      outcome.completed.append(step)
      runningSteps.end(number)
    } catch {
      fail(number, error, &outcome)
    }
  }

  private mutating func fail(_ number: Int, _ failure: HostFailure, _ outcome: inout Outcome) {
    // Only a step that was begun can still take effect.
    var failure = failure
    if begun[number] == nil, failure.kind == .stuck { failure.kind = .unreadable }
    outcome.failures.append(StepFailure(step: steps[number], failure: failure, begun: begun[number]))
    executor.note(.failed(steps[number], failure, took: took(number)), &outcome)
    hasFailed = true
    runningSteps.end(number)
  }

  private func took(_ number: Int) -> Duration { starts[number].map { executor.clock.now - $0 } ?? .zero }
}

extension Host {
  /// Does the action and verifies it.
  ///
  /// - Returns: the reason why it failed, or `nil`.
  func failure(of action: Action, step: String) -> HostFailure? {
    do throws(HostFailure) {
      try perform(action, step: step)
      let state = try state(of: action)
      return state == .done ? nil : action.unverified(state)
    } catch {
      return error
    }
  }
}
