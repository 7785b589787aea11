import Hosts
import Planning

/// An event of a run. The journal has it on the disk before anything that follows from it is done, so that it
/// shows what may have been begun and how to undo it.
public enum JournalEntry: Sendable, Equatable {
  /// The step is about to be done. The action has the state that was read at this moment, to which its
  /// inverse leads back.
  case starting(Step, as: Action)
  /// The step is done and verified.
  case done(Step, took: Duration)
  /// There was nothing to do: the host was in the last state of the step.
  case alreadyDone(Step)
  case failed(Step, HostFailure, took: Duration)
  /// The step was not begun because a step before it failed.
  case skipped(Step)
  case undoing(Step, by: Action)
  case undone(Step, took: Duration)
  case undoFailed(Step, HostFailure)
  /// How far a step has come whose end was not recorded, as read from the host.
  case found(Step, FoundState)
  /// The run was resumed after an interruption, with a plan for that.
  case recovering(RecoveryDirection, Plan, boot: String?)
  case ended(Outcome.End)
  /// The run was confirmed. Its effects stay.
  case confirmed(by: String)
  /// The run was not confirmed in time and could not be undone, for this reason.
  case unconfirmed(String)
}

/// How far a step had come whose end was not recorded.
public enum FoundState: String, CaseIterable, Sendable {
  case done
  /// The host is in the first state of the step.
  case notDone = "not-done"
  /// The host is in neither the first nor the last state of the step.
  case partly
}

/// Where a recovery leads.
public enum RecoveryDirection: String, CaseIterable, Sendable {
  case back, forward
  /// Neither: its effects stay.
  case leave
}

/// Writes an entry to the journal. If it throws before a step, that step is not begun: nothing is done that
/// is not recorded.
public typealias EntryWriter = (JournalEntry) throws(JournalFailure) -> Void

/// The reason why an entry could not be written.
public struct JournalFailure: Error, Sendable, Equatable {
  public let message: String

  public init(_ message: String) { self.message = message }
}
