import Hosts
import Planning

public struct StepFailure: Error, Sendable, Equatable {
  public let step: Step
  public let failure: HostFailure
  /// The action as it was begun; nil where it did not come to that.
  public let begun: Action?
}

/// How a run ended.
public struct Outcome: Sendable, Equatable {
  /// Steps whose effect is there, be it by this run or before it, in the order in which they ended.
  public var completed: [Step] = []
  /// What this run changed, in the order in which it ended.
  public var done: [Effect] = []
  /// Steps that are done side by side may fail together.
  public var failures: [StepFailure] = []
  public var skipped: [Step] = []
  public var undone: [Step] = []
  public var undoFailures: [StepFailure] = []
  public var journalFailures: [String] = []

  /// Why the run ended: the first failure, or one that leaves it open what becomes of its step.
  public var failure: StepFailure? { failures.first { $0.failure.kind == .stuck } ?? failures.first }

  /// Nil where it was stopped on the way back: it is neither here nor there.
  public var end: End? {
    if isStopped { return nil }
    if failure?.failure.kind == .stuck { return .stuck }
    if !undoFailures.isEmpty { return .partlyUndone }
    if isBack { return .undone }
    return failures.isEmpty ? .success : isLeft ? .left : .undone
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
