import Hosts
import Planning

/// A step that failed, or whose undo failed.
public struct StepFailure: Error, Sendable, Equatable {
  public let step: Step
  public let failure: HostFailure
  /// The action as it was begun; `nil` if it was not begun.
  public let begun: Action?
}

/// The result of a run.
public struct Outcome: Sendable, Equatable {
  /// The steps whose effects are on the host, from this run or before it, in the order in which they ended.
  public var completed: [Step] = []
  /// The changes of this run, in the order in which they ended.
  public var done: [Effect] = []
  /// The steps that failed. Steps that are done at the same time can fail together.
  public var failures: [StepFailure] = []
  /// The steps that were not begun because of a failure.
  public var skipped: [Step] = []
  /// The steps whose effects were undone.
  public var undone: [Step] = []
  /// The effects that could not be undone.
  public var undoFailures: [StepFailure] = []
  /// The reasons why entries could not be written to the journal.
  public var journalFailures: [String] = []

  /// The reason why the run failed: a stuck step if there is one, because it may still take effect,
  /// otherwise the first failure.
  public var failure: StepFailure? { failures.first { $0.failure.kind == .stuck } ?? failures.first }

  /// How the run ended; `nil` if an undo was stopped before its end.
  public var end: End? {
    if isStopped { return nil }
    if failure?.failure.kind == .stuck { return .stuck }
    if !undoFailures.isEmpty { return .partlyUndone }
    if isUndo { return .undone }
    return failures.isEmpty ? .success : keepsEffects ? .left : .undone
  }

  /// Whether no step was started.
  public var hasChangedNothing: Bool { done.isEmpty && failures.allSatisfy { $0.begun == nil } }

  /// Whether the effects stay after a failure.
  var keepsEffects = false
  /// Whether the run undid an earlier one.
  public internal(set) var isUndo = false
  var isStopped = false

  /// How a run ended, as a stable keyword of the journal.
  public enum End: String, CaseIterable, Sendable {
    case success
    /// The failed step may still take effect, so its effects are unknown.
    case stuck
    case undone
    case left
    case partlyUndone = "partly-undone"
  }
}
