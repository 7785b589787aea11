import Documents
import Files

/// What a watchdog sees and does on a host.
public protocol WatchEffects {
  var now: Moment { get }

  mutating func look() throws(Diagnostics) -> Watchdog.Look

  /// Kills the process of the apply: why that could not be done, or nil.
  mutating func kill(_ apply: Journal) -> String?

  /// Undoes the apply, unless it was confirmed: why that could not be done, or nil.
  mutating func undo(_ apply: Journal) -> String?

  /// The apply as its journal says now, where that can be read.
  mutating func read() -> Journal?

  /// Writes to the journal why it is not undone yet: why that could not be done, or nil.
  mutating func write(_ reason: String) -> String?

  /// Tells by the watchdog's lock why it is not undone yet; nil takes that away again.
  mutating func say(_ reason: String?)
}

/// Looks, and does what `Watchdog` decides. Nothing that goes wrong ends it.
public struct WatchLoop<Effects: WatchEffects> {
  public var effects: Effects
  private var watchdog = Watchdog()
  /// What the lock tells, because the journal cannot: why it cannot look, and why it is not undone.
  private var blindness: String?
  private var unwritten: String?

  public init(_ effects: Effects) { self.effects = effects }

  /// One look, and what follows from it.
  ///
  /// - Returns: how many milliseconds there are to the next one; nil is that there is nothing to watch any more.
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

  /// Written to the journal, once, and where that cannot be done told by the lock.
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
