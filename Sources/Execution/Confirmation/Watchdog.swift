import Files
import HostModel
import Hosts

/// Decides what the watchdog of an apply does next. Pure: `WatchLoop` reads and acts.
public struct Watchdog: Sendable {
  /// The state from which the watchdog decides.
  public struct Observation: Sendable {
    public var now: Moment
    /// The boot that `now` belongs to.
    public var boot: String?
    /// The journal of the apply, while it waits to be confirmed or undone.
    public var journal: Journal?
    /// The state of the process that carries out the apply.
    public var apply: RunningProcess.ProcessState
    /// The process that holds the host's lock.
    public var holder: HostLock.Owner?

    public init(
      now: Moment, boot: String?, journal: Journal?, apply: RunningProcess.ProcessState,
      holder: HostLock.Owner?
    ) {
      self.now = now
      self.boot = boot
      self.journal = journal
      self.apply = apply
      self.holder = holder
    }
  }

  /// The next action of the watchdog.
  public enum Decision: Sendable, Equatable {
    /// Wait this time, in milliseconds, and then look again.
    case wait(Int)
    /// Nothing is left to watch.
    case end
    /// Kill the apply, which makes no progress and holds the host's lock.
    case kill(because: String)
    case undo
    /// Wait for another process that holds the host's lock. It is not killed, because an operator may have
    /// started it.
    case waitFor(String)
  }

  /// The minimum time between the deadline and the kill of an apply that is still running, in
  /// milliseconds.
  public static let grace = 10_000
  /// The time between two looks after the deadline, in milliseconds.
  public static let pause = 250
  /// The longest time between two looks before the deadline, in milliseconds. It is longer because reading a
  /// long journal takes time.
  private static let longestPause = 1000
  /// The times between attempts to undo, in milliseconds. Each is longer than the one before.
  private static let pauses = [2_000, 5_000, 10_000, 20_000, 30_000]
  /// The time between later attempts that write to the journal, in milliseconds, so that it does not grow
  /// fast.
  private static let longest = 300_000

  private var failures = 0
  /// The time of the next attempt, in milliseconds since the boot.
  private var next = 0

  public init() {}

  /// Returns what to do next: nothing until the deadline; then undo, unless another process holds the host's
  /// lock.
  public func decision(on look: Observation) -> Decision {
    guard let journal = look.journal, let deadline = journal.deadline else { return .end }
    let left = deadline.left(at: look.now, boot: look.boot)
    guard left <= 0 else { return .wait(min(left, Self.longestPause)) }
    guard let holder = look.holder else {
      return (look.now.uptime ?? next) < next ? .wait(Self.pause) : .undo
    }
    guard look.apply != .gone, holder.process == journal.header.run?.process?.number else {
      return .waitFor("\(holder) holds the lock of the host")
    }
    guard left <= -Self.grace else { return .wait(Self.pause) }
    if look.apply == .stopped {
      return .kill(because: "\(holder) was stopped when the time for the confirmation expired")
    }
    let silence = look.now.since(journal.lastActivity.0)
    guard silence >= journal.longestSilence + .milliseconds(Self.grace) else { return .wait(Self.pause) }
    return .kill(
      because:
        "\(holder) had made no progress for \(silence.components.seconds) s when the time for the confirmation expired"
    )
  }

  /// Records a failed attempt to undo, which delays the next one.
  ///
  /// - Parameter hasBegun: whether the attempt has written to the journal.
  public mutating func failed(at now: Moment, hasBegun: Bool) {
    let pause = Self.pauses[min(failures, Self.pauses.count - 1)]
    let isMany = failures >= Self.pauses.count
    next = (now.uptime ?? 0) + (hasBegun && isMany ? Self.longest : pause)
    failures += 1
  }
}

extension Journal {
  /// The longest time that a run in progress takes without a journal entry.
  fileprivate var longestSilence: Duration {
    let run = header.run
    return .seconds(max(header.confirmWithin ?? 0, run?.stepTimeout ?? 0, run?.unplugTimeout ?? 0))
  }
}
