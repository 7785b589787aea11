import Documents
import Files
import HostModel
import Hosts
import Planning

/// The words by which a watchdog is known among those that have its lock.
public enum WatchWords {
  public static func task(_ apply: Int) -> String { "watches apply \(apply)" }

  /// - Parameter reason: why it was not undone yet.
  public static func task(_ apply: Int, notUndone reason: String) -> String {
    task(apply) + separator + reason
  }

  /// Whether it is the watchdog of that apply; then why that was not undone yet, as far as it says so.
  static func isOf(_ apply: Int, _ words: String) -> (Bool, reason: String?) {
    let task = task(apply)
    if words == task { return (true, nil) }
    guard words.hasPrefix(task + separator) else { return (false, nil) }
    return (true, String(words.dropFirst((task + separator).count)))
  }

  private static let separator = "; not undone yet: "
}

extension Journal {
  /// Whether it is to be undone unless it is confirmed: also an apply that was interrupted.
  public var isWatched: Bool {
    guard header.confirmWithin != nil else { return false }
    return awaitsConfirmation || isOpen
  }
}

extension JournalStore.Obstacle {
  public var journal: Journal {
    switch self {
    case .open(let journal), .awaitsConfirmation(let journal): journal
    }
  }
}

extension JournalStore {
  /// The apply that is waiting for its confirmation, with what is known of its watchdog.
  public func pendingConfirmation(
    at now: Moment = .now, boot: String? = Boot.id
  ) throws(Diagnostics) -> PendingConfirmation? {
    guard let journal = try obstacle()?.journal, journal.isWatched else { return nil }
    return PendingConfirmation(
      journal, watchedBy: try HostLock.holder(of: .watch, in: path), at: now, boot: boot)
  }
}

extension PendingConfirmation {
  /// Nil where the run is not to be confirmed.
  public init?(
    _ journal: Journal, watchedBy holder: HostLock.Holder?, at now: Moment = .now, boot: String? = Boot.id
  ) {
    guard journal.isWatched, let deadline = journal.deadline else { return nil }
    let (isWatchdog, reason) = holder.map { WatchWords.isOf(journal.id, $0.words) } ?? (false, nil)
    self.init(
      apply: journal.id, until: deadline.timestamp(at: now, boot: boot).milliseconds,
      isOver: deadline.left(at: now, boot: boot) <= 0, isInterrupted: journal.isOpen,
      watchdog: isWatchdog ? holder?.process : nil,
      isWatchdogStopped: isWatchdog && holder?.isStopped ?? false, reason: reason ?? journal.reasonNotUndone)
  }
}
