import Documents
import Files

/// What a watchdog reads and does on a host, so that tests can replace it.
public protocol WatchEffects {
  var now: Moment { get }

  /// Reads the state from which the watchdog decides.
  ///
  /// - Throws: if the state folder cannot be read.
  mutating func look() throws(Diagnostics) -> Watchdog.Observation

  /// Kills the process of the apply.
  ///
  /// - Returns: the reason why that failed, or `nil`.
  mutating func kill(_ apply: Journal) -> String?

  /// Undoes the apply, unless it was confirmed.
  ///
  /// - Returns: the reason why that failed, or `nil`.
  mutating func undo(_ apply: Journal) -> String?

  /// Reads the journal of the apply again; `nil` if that fails.
  mutating func read() -> Journal?

  /// Writes to the journal why the apply is not undone yet.
  ///
  /// - Returns: the reason why that failed, or `nil`.
  mutating func write(_ reason: String) -> String?

  /// Writes to the lock file why the apply is not undone yet; `nil` removes an earlier reason.
  mutating func announce(_ reason: String?)
}

/// Carries out the decisions of `Watchdog`, one look at a time. No error ends the loop.
public struct WatchLoop<Effects: WatchEffects> {
  public var effects: Effects
  private var watchdog = Watchdog()
  /// The reasons that the lock file shows because the journal cannot: why the watchdog cannot read, and why
  /// the apply is not undone.
  private var readError: String?
  private var unwrittenReason: String?

  public init(_ effects: Effects) { self.effects = effects }

  /// Looks once and carries out the decision.
  ///
  /// - Returns: the time until the next look, in milliseconds; `nil` if nothing is left to watch.
  public mutating func turn() -> Int? {
    let look: Watchdog.Observation
    do throws(Diagnostics) { look = try effects.look() } catch {
      // What cannot be read now may be readable later.
      announceProblem(reading: error.message, writing: unwrittenReason)
      return Watchdog.pause
    }
    announceProblem(reading: nil, writing: unwrittenReason)
    guard let journal = look.journal else { return nil }
    switch watchdog.decision(on: look) {
    case .end: return nil
    case .wait(let pause): return pause
    case .waitFor(let reason): note(reason, journal)
    case .kill(let reason):
      note(
        reason + (effects.kill(journal).map { ", and cannot be killed: \($0)" } ?? ", and was killed"),
        journal)
    case .undo:
      guard let reason = effects.undo(journal) else { break }
      let after = effects.read() ?? journal
      watchdog.failed(at: effects.now, hasBegun: after.lines.count != journal.lines.count)
      note(reason, after)
    }
    return Watchdog.pause
  }

  /// Writes a reason to the journal, once; if that fails, to the lock file.
  private mutating func note(_ reason: String, _ journal: Journal) {
    guard journal.reasonNotUndone != reason else { return announceProblem(reading: nil, writing: nil) }
    let obstacle = effects.write(reason)
    announceProblem(
      reading: nil, writing: obstacle.map { "\(reason) (and the journal cannot be written: \($0))" })
  }

  private mutating func announceProblem(reading readError: String?, writing unwrittenReason: String?) {
    let before = self.readError ?? self.unwrittenReason
    (self.readError, self.unwrittenReason) = (readError, unwrittenReason)
    let now = readError ?? unwrittenReason
    if now != before { effects.announce(now) }
  }
}
