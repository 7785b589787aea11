import Hosts
import Planning

/// An event of a run. The entry is on the disk before the run continues, so that the journal shows
/// which steps may have begun and how to undo them.
public enum JournalEntry: Sendable, Equatable {
  /// The step is about to begin. The action contains the state that was read at this moment, which
  /// its inverse restores.
  case starting(Step, as: Action)
  /// The step is done and verified.
  case done(Step, took: Duration)
  /// Nothing had to be done: the host was in the last state of the step.
  case alreadyDone(Step)
  case failed(Step, HostFailure, took: Duration)
  /// The step was not begun because a step before it failed.
  case skipped(Step)
  case undoing(Step, by: Action)
  case undone(Step, took: Duration)
  case undoFailed(Step, HostFailure)
  /// The state of a step whose end was not recorded, as read from the host.
  case found(Step, FoundState)
  /// The run was resumed after an interruption, with this plan.
  case recovering(RecoveryDirection, Plan, boot: String?)
  /// What the run has changed of the boot record. It counts if the run is final.
  case recorded(BootChange)
  case ended(Outcome.End)
  /// The run was confirmed. Its effects stay.
  case confirmed(by: String)
  /// The run was not confirmed in time and could not be undone, for this reason.
  case unconfirmed(String)
}

/// The state of a step whose end was not recorded.
public enum FoundState: String, CaseIterable, Sendable {
  case done
  /// The host is in the first state of the step.
  case notDone = "not-done"
  /// The host is in neither the first nor the last state of the step.
  case partly
}

/// The direction of a recovery.
public enum RecoveryDirection: String, CaseIterable, Sendable {
  case back, forward
  /// The run is neither undone nor finished: its effects stay.
  case leave
}

/// Writes an entry to the journal. If this fails before a step, the step is not begun, so that the
/// host is not changed without a record.
public typealias EntryWriter = (JournalEntry) throws(JournalFailure) -> Void

/// The reason why an entry could not be written.
public struct JournalFailure: Error, Sendable, Equatable {
  public let message: String

  public init(_ message: String) { self.message = message }
}
