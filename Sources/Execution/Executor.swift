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
  private let journal: Journal
  private let clock = ContinuousClock()

  public init(host: any Host, onFailure: OnFailure = .undo, journal: @escaping Journal) {
    self.host = host
    self.onFailure = onFailure
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
  ) throws(StepFailure) -> Undo? {
    var captured: Action?
    do throws(HostFailure) {
      let action = try host.refreshed(step.action)
      if case .done = try host.progress(of: action) {
        try write(.alreadyDone(step))
        return nil
      }
      try write(.starting(step, inverse: action.inverse))
      captured = action
      try host.perform(action, step: step.id)
      let progress = try host.progress(of: action)
      guard case .done = progress else { throw unverified(action, progress) }
      try write(.done(step, took: clock.now - start))
      return Undo(step: step, action: action)
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

  /// Last first. What could not be undone is kept with its reason, and the rest is undone all the same.
  private func undo(_ outcome: inout Outcome) {
    var undos = outcome.done
    if let failure = outcome.failure, let begun = failure.begun {
      if failure.failure.kind == .stuck {
        // It may still happen: what it rests on must not be taken from under it.
        let ground = ground(of: failure.step, outcome.completed)
        undos.removeAll { ground.contains($0.step.id) }
      } else {
        // The failed step may have done a part of its work.
        undos.append(Undo(step: failure.step, action: begun))
      }
    }
    // What a step that could not be undone rests on stays, too.
    var kept: Set<String> = []
    for undo in undos.reversed() {
      if kept.contains(undo.step.id) {
        fail(
          undo, HostFailure(.refused, "it is left as it is: what rests on it could not be undone"), &outcome)
        continue
      }
      guard let inverse = undo.action.inverse else { continue }
      do throws(HostFailure) {
        if isUndone(undo.action) { continue }
        let start = clock.now
        note(.undoing(undo.step, by: inverse), &outcome)
        try host.perform(inverse, step: "undo/\(undo.step.id)")
        let progress = try host.progress(of: inverse)
        guard case .done = progress else { throw unverified(inverse, progress) }
        outcome.undone.append(undo.step)
        note(.undone(undo.step, took: clock.now - start), &outcome)
      } catch {
        kept.formUnion(ground(of: undo.step, outcome.completed))
        fail(undo, error, &outcome)
      }
    }
  }

  private func fail(_ undo: Undo, _ failure: HostFailure, _ outcome: inout Outcome) {
    outcome.undoFailures.append(StepFailure(step: undo.step, failure: failure, begun: undo.action.inverse))
    note(.undoFailed(undo.step, failure), &outcome)
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

/// A step that was done, as it was done.
public struct Undo: Sendable, Equatable {
  public let step: Step
  public let action: Action
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
  public var done: [Undo] = []
  public var failure: StepFailure?
  public var skipped: [Step] = []
  public var undone: [Step] = []
  public var undoFailures: [StepFailure] = []
  public var journalFailures: [String] = []

  public var end: End {
    guard let failure else { return .success }
    if failure.failure.kind == .stuck { return .stuck }
    if !undoFailures.isEmpty { return .partlyUndone }
    return isLeft ? .left : .undone
  }

  /// What was done is to stay, whatever happens.
  var isLeft = false

  public enum End: Sendable {
    case success
    /// The failed step may still happen, so nothing can be promised of it.
    case stuck
    case undone
    case left
    case partlyUndone
  }
}
