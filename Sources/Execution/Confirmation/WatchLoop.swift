import Documents
import Files

/// What a watchdog reads and does on a host, so that tests can replace it.
public protocol WatchEffects {
  var now: Moment { get }

  /// Reads what the watchdog decides by.
  ///
  /// - Throws: if the state folder cannot be read.
  mutating func look() throws(Diagnostics) -> Watchdog.Look

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
  mutating func say(_ reason: String?)
}

/// Does what `Watchdog` decides, one look at a time. No error ends it.
public struct WatchLoop<Effects: WatchEffects> {
  public var effects: Effects
  private var watchdog = Watchdog()
  /// The reasons that the lock file shows because the journal cannot: why the watchdog cannot read, and why
  /// the apply is not undone.
  private var blindness: String?
  private var unwritten: String?

  public init(_ effects: Effects) { self.effects = effects }

  /// Looks once and does what follows.
  ///
  /// - Returns: the time until the next look, in milliseconds; `nil` if there is nothing to watch any more.
  public mutating func turn() -> Int? {
    let look: Watchdog.Look
    do throws(Diagnostics) { look = try effects.look() } catch {
      // What cannot be read now may be readable later.
      tell(blind: error.message, unwritten)
      return Watchdog.pause
    }
    tell(blind: nil, unwritten)
    guard let journal = look.journal else { return nil }
    switch watchdog.move(on: look) {
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
    guard journal.reasonNotUndone != reason else { return tell(blind: nil, nil) }
    let obstacle = effects.write(reason)
    tell(blind: nil, obstacle.map { "\(reason) (and the journal cannot be written: \($0))" })
  }

  private mutating func tell(blind blindness: String?, _ unwritten: String?) {
    let before = self.blindness ?? self.unwritten
    (self.blindness, self.unwritten) = (blindness, unwritten)
    let now = blindness ?? unwritten
    if now != before { effects.say(now) }
  }
}
