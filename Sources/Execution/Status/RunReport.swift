import Files
import HostModel
import Planning

/// An apply or rollback: how it ended, and what happened to it since.
public struct RunReport: Sendable {
  /// How a run ended, as a stable keyword of the JSON format.
  public enum Outcome: String, CaseIterable, Sendable {
    /// Every step is done and verified.
    case done
    /// Nothing had to be done, so there is no journal.
    case nothingToDo = "nothing-to-do"
    /// A step failed or a signal stopped the run, and everything was undone.
    case undone
    /// A step failed, and what was done before it stays.
    case left
    /// A step may still take effect.
    case stuck
    /// A step failed, and not everything could be undone.
    case partlyUndone = "partly-undone"
    /// The run or its undo did not reach its end.
    case interrupted
    /// Another process executes the run now.
    case running
  }

  /// The confirmation that `--confirm-within` requires.
  public struct Confirmation: Sendable, Equatable {
    /// The state of the confirmation, as a stable keyword of the JSON format.
    public enum State: String, CaseIterable, Sendable {
      /// The run rolls back unless it is confirmed in time.
      case waiting
      /// The time has expired, and the run is not rolled back yet.
      case overdue
      case confirmed
      /// The run was undone because it was not confirmed in time.
      case expired
      /// The run ended in another way, so there is nothing to confirm.
      case void
    }

    /// The number of the run.
    public var apply: Int
    public var state: State
    /// The time by which the run must be confirmed.
    public var until: Timestamp?
    /// The user who confirmed the run.
    public var by: String?
    /// Whether the run was interrupted, so that it waits for `pcipass recover` and not for `pcipass confirm`.
    public var isInterrupted = false
    /// Whether a watchdog runs that rolls the run back when the time expires; nil if that is
    /// unknown.
    public var isWatched: Bool?
    /// The process id of the watchdog.
    public var watchdog: Int?
    /// Whether a signal has stopped that process.
    public var isWatchdogStopped = false
    /// The reason why the run is not rolled back yet.
    public var reason: String?
  }

  /// What a run is for, as a stable keyword of the JSON format.
  public enum Kind: String, CaseIterable, Sendable {
    case apply, rollback
    /// Only where there was nothing to recover: a recovery belongs to the run that it ends.
    case recover
  }

  /// The number of the run; nil if nothing had to be done.
  public var id: Int?
  public var host: String
  public var task: Kind
  /// What a rollback undoes.
  public var undoes: Undone?
  /// How an interrupted run was recovered.
  public var recovery: RecoveryDirection?
  public var started: Timestamp?
  public var finished: Timestamp?
  public var by: String?
  public var version: String?
  /// The commit that the manifests came from.
  public var revision: String?
  public var outcome: Outcome
  public var rolledBackBy: Int?
  public var confirmation: Confirmation?
  /// The number of steps of the plan.
  public var stepCount: Int
  /// The ids of the steps whose effects the run left on the host.
  public var inEffect: [String]
  /// Whether the run left a change that can be undone. A loaded kernel module alone is not one.
  public var hasChanged = false

  /// What a rollback undoes.
  public struct Undone: Sendable, Equatable {
    /// The number of the run; nil if a plan file was rolled back.
    public var run: Int?
    /// The NICs and guests; all if empty.
    public var targets: [Target]
  }

  /// Returns the report of a task for which nothing had to be done.
  public static func nothingToDo(_ task: Kind, on host: String) -> RunReport {
    RunReport(host: host, task: task, outcome: .nothingToDo, stepCount: 0, inEffect: [])
  }
}
