import Files
import HostModel
import Hosts

/// Decides what the watchdog of an apply does next. What it looks at, and what it does then, is outside.
public struct Watchdog: Sendable {
  /// What it sees.
  public struct Look: Sendable {
    public var now: Moment
    /// Which boot that is a moment of.
    public var boot: String?
    /// The apply, as long as it waits to be confirmed or undone.
    public var journal: Journal?
    /// The process that carries it out.
    public var apply: RunningProcess.State
    /// The process that has the host's lock.
    public var holder: HostLock.Holder?

    public init(
      now: Moment, boot: String?, journal: Journal?, apply: RunningProcess.State, holder: HostLock.Holder?
    ) {
      self.now = now
      self.boot = boot
      self.journal = journal
      self.apply = apply
      self.holder = holder
    }
  }

  public enum Move: Sendable, Equatable {
    /// To look again after so many milliseconds.
    case wait(Int)
    /// There is nothing to watch any more.
    case end
    /// The apply neither goes on nor lets anything else happen.
    case kill(because: String)
    case undo
    /// Another process has the lock, which is not killed: it may be an operator's.
    case waitFor(String)
  }

  /// How long after the deadline an apply is given that is still at work.
  public static let grace = 10_000
  /// How often it looks, in milliseconds, and how often before the deadline at least: a journal may be long.
  public static let pause = 250
  private static let longestPause = 1000
  /// How long is waited after a try that failed: longer each time.
  private static let pauses = [2_000, 5_000, 10_000, 20_000, 30_000]
  /// The same after a try that had begun, which makes the journal longer.
  private static let longest = 300_000

  private var failures = 0
  /// When the next try is due, by the time since the boot.
  private var next = 0

  public init() {}

  public func move(on look: Look) -> Move {
    guard let journal = look.journal, let deadline = journal.deadline else { return .end }
    let left = deadline.left(at: look.now, boot: look.boot)
    guard left <= 0 else { return .wait(min(left, Self.longestPause)) }
    guard let holder = look.holder else {
      return (look.now.uptime ?? next) < next ? .wait(Self.pause) : .undo
    }
    guard look.apply != .gone, holder.process == journal.header.run?.process?.number else {
      return .waitFor("\(holder) holds the host's lock")
    }
    guard left <= -Self.grace else { return .wait(Self.pause) }
    if look.apply == .stopped { return .kill(because: "\(holder) was stopped when its time was over") }
    let silence = look.now.since(journal.lastSign.0)
    guard silence >= journal.longestSilence + .milliseconds(Self.grace) else { return .wait(Self.pause) }
    return .kill(
      because: "\(holder) had done nothing for \(silence.components.seconds) s when its time was over")
  }

  /// - Parameter hasBegun: whether the try has written to the journal.
  public mutating func failed(at now: Moment, hasBegun: Bool) {
    let pause = Self.pauses[min(failures, Self.pauses.count - 1)]
    let isMany = failures >= Self.pauses.count
    next = (now.uptime ?? 0) + (hasBegun && isMany ? Self.longest : pause)
    failures += 1
  }
}

extension Journal {
  /// How long nothing has to be written down of a run that goes on.
  fileprivate var longestSilence: Duration {
    let run = header.run
    return .seconds(max(header.confirmWithin ?? 0, run?.stepTimeout ?? 0, run?.unplugTimeout ?? 0))
  }
}
