import ArgumentParser
import Documents
import Execution
import Glibc
import Hosts
import Planning
import SystemPackage

/// The watchdog that `apply --confirm-within` starts: it undoes the apply unless that is confirmed in time. It is not for
/// typing.
struct Watch: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "Undo an apply unless it is confirmed.", shouldDisplay: false)

  @OptionGroup var options: HostOptions

  @Argument(help: "The number of the apply.")
  var id: Int

  func run() throws {
    signal(SIGHUP, SIG_IGN)
    keepAlive()
    let lock = try orFail { () throws(Diagnostics) in
      try HostLock(
        .watch, in: options.stateFolder, for: WatchWords.task(id), waiting: .seconds(10))
    }
    defer { lock.release() }
    var loop = WatchLoop(id: id, options: options, lock: lock)
    while let pause = loop.turn() { usleep(UInt32(max(pause, 1)) * 1000) }
  }

  /// It must not be what is ended where memory runs short. Only root may ask for that.
  private func keepAlive() {
    let file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    _ = write(file, "-1000", 5)
    close(file)
  }
}

/// Looks, and does what `Watchdog` decides. Nothing that goes wrong ends it.
private struct WatchLoop {
  let id: Int
  let options: HostOptions
  let lock: HostLock
  private var watchdog = Watchdog()
  /// Whether the lock tells what could not be written to the journal.
  private var isSaid = false

  /// How long one try may take: every call in it has a time limit of its own.
  private static let longestTry = Duration.seconds(3600)

  init(id: Int, options: HostOptions, lock: HostLock) {
    self.id = id
    self.options = options
    self.lock = lock
  }

  private var store: JournalStore { JournalStore(options.stateFolder) }

  /// How many milliseconds there are to the next one; nil is that there is nothing to watch any more.
  mutating func turn() -> Int? {
    let look: Watchdog.Look
    do throws(Diagnostics) { look = try self.look() } catch {
      // What cannot be read now may be readable later.
      say(error.all.first?.message ?? "the state folder cannot be read")
      return Watchdog.pause
    }
    guard let journal = look.journal else { return nil }
    switch watchdog.move(on: look) {
    case .end: return nil
    case .wait(let pause):
      unsay()
      return pause
    case .waitFor(let reason): note(reason, journal)
    case .kill(let reason): kill(because: reason, journal)
    case .undo:
      if let reason = reasonNotUndone(journal) {
        let after = (try? store.journal(id)) ?? journal
        watchdog.failed(at: .now, hasBegun: after.lines.count != journal.lines.count)
        note(reason, after)
      }
    }
    return Watchdog.pause
  }

  private func look() throws(Diagnostics) -> Watchdog.Look {
    let open = try store.obstacle()?.journal
    let journal = open.flatMap { $0.id == id && $0.isWatched ? $0 : nil }
    let process = journal?.header.run?.process.flatMap { RunningProcess($0) }
    return Watchdog.Look(
      now: .now, boot: Boot.id, journal: journal, apply: process?.state ?? .gone,
      holder: try HostLock.holder(of: .host, in: options.stateFolder))
  }

  private mutating func kill(because reason: String, _ journal: Journal) {
    guard let identity = journal.header.run?.process, let process = RunningProcess(identity) else { return }
    do throws(Errno) { try process.kill() } catch {
      return note("\(reason), and cannot be killed: \(error)", journal)
    }
    // It may be at a write in the kernel, which nothing ends.
    let end = ContinuousClock.now + .seconds(5)
    while process.state != .gone, .now < end { usleep(20_000) }
    note(reason + ", and was killed", journal)
  }

  /// Why pcipass could not undo it; nil is that it did, or that it was confirmed meanwhile.
  private func reasonNotUndone(_ journal: Journal) -> String? {
    var words = ["recover", "--unconfirmed", "\(id)", "--yes", "--lock-timeout", "5"] + options.place
    if let run = journal.header.run {
      words += ["--step-timeout", "\(run.stepTimeout)", "--unplug-timeout", "\(run.unplugTimeout)"]
      words += ["--jobs", "\(run.jobs)"]
    }
    do throws(NoAnswer) {
      _ = try Command.output(
        "/proc/self/exe", words, upTo: 1 << 22, within: Self.longestTry, showsErrors: true)
      return nil
    } catch {
      let mark = "error: "
      guard let place = error.reason.firstRange(of: mark) else { return failedStep ?? error.reason }
      return String(error.reason[place.upperBound...])
    }
  }

  /// What went wrong first on the last way back, as far as that was begun.
  private var failedStep: String? {
    guard let journal = try? store.journal(id) else { return nil }
    let isWay = { (entry: JournalEntry) in if case .recovering = entry { true } else { false } }
    let last = journal.entries.lastIndex(where: isWay) ?? 0
    for case .undoFailed(let step, let failure) in journal.entries[last...] {
      return "\(step.id): \(failure.message)"
    }
    return nil
  }

  /// Written to the journal, once, and where that cannot be done told by the lock.
  private mutating func note(_ reason: String, _ journal: Journal) {
    guard journal.reasonNotUndone != reason else { return unsay() }
    do throws(Diagnostics) {
      let file = try store.append(to: id)
      do throws(JournalFailure) {
        try file.append(.unconfirmed(reason))
        unsay()
      } catch {
        say("\(reason) (and the journal cannot be written: \(error.message))")
      }
    } catch {
      say(reason)
    }
  }

  private mutating func say(_ reason: String) {
    lock.say(WatchWords.task(id, notUndone: reason))
    isSaid = true
  }

  private mutating func unsay() {
    guard isSaid else { return }
    lock.say(WatchWords.task(id))
    isSaid = false
  }
}
