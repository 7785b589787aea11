import Hosts
import Planning

/// Carries a plan out, step by step: captures what takes each step back, does it, reads back, and on a
/// failure undoes in reverse what was done.
public struct Executor {
  public enum OnFailure: String, CaseIterable, Sendable {
    case undo
    /// Leave what was done as it is.
    case stop
  }

  private let host: any Host
  private let onFailure: OnFailure
  private let journal: EntryWriter
  private let stop: () -> String?
  private let clock = ContinuousClock()

  /// - Parameter stop: why no other step is to begin; nil is that nobody asked for that.
  public init(
    host: any Host, onFailure: OnFailure = .undo, stop: @escaping () -> String? = { nil },
    journal: @escaping EntryWriter
  ) {
    self.host = host
    self.onFailure = onFailure
    self.stop = stop
    self.journal = journal
  }

  public func run(_ steps: [Step]) -> Outcome {
    var outcome = Outcome()
    for (index, step) in steps.enumerated() {
      let start = clock.now
      do throws(StepFailure) {
        if let inverse = try perform(step, since: start) { outcome.done.append(inverse) }
        outcome.completed.append(step)
      } catch {
        outcome.failure = error
        note(.failed(step, error.failure, took: clock.now - start), &outcome)
        for skipped in steps[(index + 1)...] {
          outcome.skipped.append(skipped)
          note(.skipped(skipped), &outcome)
        }
        if onFailure == .undo { undo(&outcome) } else { outcome.isLeft = true }
        break
      }
    }
    return outcome
  }

  /// What takes the step back, or nil where there was nothing to do.
  private func perform(
    _ step: Step, since start: ContinuousClock.Instant
  ) throws(StepFailure) -> Effect? {
    var captured: Action?
    do throws(HostFailure) {
      if let reason = stop() { throw HostFailure(.stopped, reason) }
      let action = try host.refreshed(step.action)
      if case .done = try host.progress(of: action) {
        try write(.alreadyDone(step))
        return nil
      }
      try write(.starting(step, as: action))
      captured = action
      try host.perform(action, step: step.id)
      let progress = try host.progress(of: action)
      guard case .done = progress else { throw unverified(action, progress) }
      try write(.done(step, took: clock.now - start))
      return Effect(step: step, action: action, isDone: true)
    } catch {
      // What was not begun cannot still happen.
      var failure = error
      if captured == nil, failure.kind == .stuck { failure.kind = .unreadable }
      throw StepFailure(step: step, failure: failure, begun: captured)
    }
  }

  private func unverified(_ action: Action, _ progress: Progress) -> HostFailure {
    switch (action, progress) {
    case (.bind(let address, let from, let to), .notDone):
      HostFailure(.unverified, "the kernel took every write, and \(address) is on \(from), not on \(to)")
    case (.bind(_, _, let to), .other(let found)):
      HostFailure(
        .unverified, "the kernel took every write, and \(found), not on \(to)",
        help: "no driver of that name may take the function; dmesg may say why")
    case (_, .other(let found)): HostFailure(.unverified, found)
    default: HostFailure(.unverified, "reading back shows that nothing has changed")
    }
  }

  /// Takes back what an earlier run left, last first.
  ///
  /// - Parameter completed: all that is there of that run, for what rests on what.
  public func back(_ effects: [Effect], completed: [Step]) -> Outcome {
    var outcome = Outcome()
    outcome.completed = completed
    outcome.isBack = true
    undo(effects, &outcome) { stop() }
    return outcome
  }

  /// What a failed run has done until then.
  private func undo(_ outcome: inout Outcome) {
    var effects = outcome.done
    if let failure = outcome.failure, let begun = failure.begun {
      if failure.failure.kind == .stuck {
        // It may still happen: what it rests on must not be taken from under it.
        let ground = ground(of: failure.step, outcome.completed)
        effects.removeAll { ground.contains($0.step.id) }
      } else {
        // The failed step may have done a part of its work.
        effects.append(Effect(step: failure.step, action: begun, isDone: false))
      }
    }
    undo(effects, &outcome) { nil }
  }

  /// Last first. What could not be undone is kept with its reason, and the rest is undone all the same.
  private func undo(_ effects: [Effect], _ outcome: inout Outcome, stop: () -> String?) {
    // What a step that could not be undone rests on stays, too.
    var kept: Set<String> = []
    for effect in effects.reversed() {
      if stop() != nil {
        outcome.isStopped = true
        return
      }
      if kept.contains(effect.step.id) {
        fail(
          effect, HostFailure(.refused, "it is left as it is: what rests on it could not be undone"), &outcome
        )
        continue
      }
      guard let inverse = effect.action.inverse else { continue }
      do throws(HostFailure) {
        if isUndone(effect.action) {
          note(.found(effect.step, .notDone), &outcome)
          continue
        }
        let start = clock.now
        note(.undoing(effect.step, by: inverse), &outcome)
        try host.perform(inverse, step: "undo/\(effect.step.id)")
        let progress = try host.progress(of: inverse)
        guard case .done = progress else { throw unverified(inverse, progress) }
        outcome.undone.append(effect.step)
        note(.undone(effect.step, took: clock.now - start), &outcome)
      } catch {
        kept.formUnion(ground(of: effect.step, outcome.completed))
        fail(effect, error, &outcome)
      }
    }
  }

  private func fail(_ effect: Effect, _ failure: HostFailure, _ outcome: inout Outcome) {
    outcome.undoFailures.append(
      StepFailure(step: effect.step, failure: failure, begun: effect.action.inverse))
    note(.undoFailed(effect.step, failure), &outcome)
  }

  /// All that a step waited for, directly or through others.
  private func ground(of step: Step, _ completed: [Step]) -> Set<String> {
    var result = Set(step.after)
    // Each comes after those that it waits for.
    for earlier in completed.reversed() where result.contains(earlier.id) { result.formUnion(earlier.after) }
    return result
  }

  /// Whether nothing of it is left to take back. What cannot be read counts as left.
  private func isUndone(_ action: Action) -> Bool {
    guard let progress = try? host.progress(of: action) else { return false }
    return progress == .notDone
  }

  private func write(_ entry: JournalEntry) throws(HostFailure) {
    do throws(JournalFailure) {
      try journal(entry)
    } catch {
      throw HostFailure(.refused, "the journal cannot be written: \(error.message)")
    }
  }

  /// After a failure, a journal that cannot be written stops nothing, but it is said.
  private func note(_ entry: JournalEntry, _ outcome: inout Outcome) {
    do throws(JournalFailure) { try journal(entry) } catch { outcome.journalFailures.append(error.message) }
  }
}

public struct StepFailure: Error, Sendable, Equatable {
  public let step: Step
  public let failure: HostFailure
  /// The action as it was begun; nil where it did not come to that.
  public let begun: Action?
}

/// How a run ended.
public struct Outcome: Sendable, Equatable {
  /// Steps whose effect is there, be it by this run or before it.
  public var completed: [Step] = []
  /// What this run changed, in order.
  public var done: [Effect] = []
  public var failure: StepFailure?
  public var skipped: [Step] = []
  public var undone: [Step] = []
  public var undoFailures: [StepFailure] = []
  public var journalFailures: [String] = []

  /// Nil where it was stopped on the way back: it is neither here nor there.
  public var end: End? {
    if isStopped { return nil }
    if failure?.failure.kind == .stuck { return .stuck }
    if !undoFailures.isEmpty { return .partlyUndone }
    if isBack { return .undone }
    return failure == nil ? .success : isLeft ? .left : .undone
  }

  /// What was done is to stay, whatever happens.
  var isLeft = false
  /// It was the way back of an earlier run.
  public internal(set) var isBack = false
  var isStopped = false

  public enum End: String, CaseIterable, Sendable {
    case success
    /// The failed step may still happen, so nothing can be promised of it.
    case stuck
    case undone
    case left
    case partlyUndone = "partly-undone"
  }
}
