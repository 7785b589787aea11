import Hosts
import Planning

/// What happens while a plan is carried out, in the order it happens. Each entry is handed to the journal
/// before anything that follows from it is done, so that whoever reads the journal knows what may have been
/// begun, and how to take it back.
public enum JournalEntry: Sendable, Equatable {
  /// About to be done, with what it changes from captured at this moment: its inverse leads back there.
  case starting(Step, as: Action)
  /// Done, and read back.
  case done(Step, took: Duration)
  /// There was nothing to do: the host is so already.
  case alreadyDone(Step)
  case failed(Step, HostFailure, took: Duration)
  /// Not begun, because a step before it failed.
  case skipped(Step)
  case undoing(Step, by: Action)
  case undone(Step, took: Duration)
  case undoFailed(Step, HostFailure)
  /// What reading showed of a step of which it was not known how far it had come.
  case found(Step, FoundState)
  /// Taken up again after an interruption, with the plan for it.
  case recovering(RecoveryDirection, Plan, boot: String?)
  case ended(Outcome.End)
  /// It is to stay.
  case confirmed(by: String)
  /// Nobody confirmed it in time, and it could not be taken back: why.
  case unconfirmed(String)
}

/// How far a step had come whose end was not recorded.
public enum FoundState: String, CaseIterable, Sendable {
  case done
  /// Nothing of it is there.
  case notDone = "not-done"
  /// A part of it is, or something else.
  case partly
}

/// Where a recovery leads.
public enum RecoveryDirection: String, CaseIterable, Sendable {
  case back, forward
  /// Neither: what is there stays.
  case leave
}

/// Where entries go. What it throws stops the run before the step begins: nothing is done that is not
/// written down.
public typealias EntryWriter = (JournalEntry) throws(JournalFailure) -> Void

public struct JournalFailure: Error, Sendable, Equatable {
  public let message: String

  public init(_ message: String) { self.message = message }
}
