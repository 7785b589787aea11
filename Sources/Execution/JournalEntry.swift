import Hosts
import Planning

/// What happens while a plan is carried out, in the order it happens. Each entry is handed to the journal
/// before anything that follows from it is done, so that whoever reads the journal knows what may have been
/// begun, and how to take it back.
public enum JournalEntry: Sendable, Equatable {
  /// About to be done, with what takes it back, captured at this moment.
  case starting(Step, inverse: Action?)
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
}

/// Where entries go. What it throws stops the run before the step begins: nothing is done that is not
/// written down.
public typealias Journal = (JournalEntry) throws(JournalFailure) -> Void

public struct JournalFailure: Error, Sendable, Equatable {
  public let message: String

  public init(_ message: String) { self.message = message }
}
