import Documents
import Files
import HostModel
import Hosts
import Planning

/// The text in the lock file of a watchdog, by which other commands recognise it.
public enum WatchdogLockText {
  /// Returns the text of the watchdog of an apply.
  public static func task(_ apply: Int) -> String { "watches apply \(apply)" }

  /// Returns the text of a watchdog that could not undo its apply yet.
  ///
  /// - Parameter reason: the reason why the undo failed.
  public static func task(_ apply: Int, notUndone reason: String) -> String {
    task(apply) + separator + reason
  }

  /// Returns whether the text is that of the watchdog of an apply, and the reason in it why the
  /// apply was not undone yet.
  static func isOf(_ apply: Int, _ words: String) -> (Bool, reason: String?) {
    let task = task(apply)
    if words == task { return (true, nil) }
    guard words.hasPrefix(task + separator) else { return (false, nil) }
    return (true, String(words.dropFirst((task + separator).count)))
  }

  private static let separator = "; not undone yet: "
}

extension Journal {
  /// Whether the run is undone unless it is confirmed. An interrupted apply is also watched.
  public var isWatched: Bool {
    guard header.confirmWithin != nil else { return false }
    return awaitsConfirmation || isOpen
  }
}

extension JournalStore.Obstacle {
  /// The journal of the run.
  public var journal: Journal {
    switch self {
    case .open(let journal), .awaitsConfirmation(let journal): journal
    }
  }
}

extension JournalStore {
  /// Returns the apply that waits for its confirmation, with the state of its watchdog.
  ///
  /// - Throws: if the state folder, the last journals or the lock file cannot be read.
  public func pendingConfirmation(
    at now: Moment = .now, boot: String? = Boot.id
  ) throws(Diagnostics) -> PendingConfirmation? {
    guard let journal = try obstacle()?.journal, journal.isWatched else { return nil }
    return PendingConfirmation(
      journal, watchedBy: try HostLock.holder(of: .watch, in: path), at: now, boot: boot)
  }
}

extension PendingConfirmation {
  /// - Parameter holder: the holder of the watchdog's lock.
  /// - Returns: `nil` if the run does not wait for a confirmation.
  public init?(
    _ journal: Journal, watchedBy holder: HostLock.Owner?, at now: Moment = .now, boot: String? = Boot.id
  ) {
    guard journal.isWatched, let deadline = journal.deadline else { return nil }
    let (isWatchdog, reason) = holder.map { WatchdogLockText.isOf(journal.id, $0.words) } ?? (false, nil)
    self.init(
      apply: journal.id, until: deadline.timestamp(at: now, boot: boot).milliseconds,
      isOver: deadline.left(at: now, boot: boot) <= 0, isInterrupted: journal.isOpen,
      watchdog: isWatchdog ? holder?.process : nil,
      isWatchdogStopped: isWatchdog && holder?.isStopped ?? false, reason: reason ?? journal.reasonNotUndone)
  }
}
