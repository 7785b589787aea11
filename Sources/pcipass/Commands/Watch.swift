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

  /// How often it looks.
  private static let pause: UInt32 = 250_000
  /// How long one try may take: every call in it has a time limit of its own.
  private static let longestTry = Duration.seconds(3600)

  func run() throws {
    signal(SIGHUP, SIG_IGN)
    keepAlive()
    let lock = try orFail { () throws(Diagnostics) in
      try HostLock(
        .watch, in: options.stateFolder, for: WatchWords.task(id), waiting: .seconds(10))
    }
    defer { lock.release() }
    let store = JournalStore(options.stateFolder)
    var watchdog = Watchdog()
    while true {
      let look: Watchdog.Look
      do throws(Diagnostics) { look = try self.look(store) } catch {
        // What cannot be read now may be readable later.
        say(error.all.first?.message ?? "the state folder cannot be read", lock)
        usleep(Self.pause)
        continue
      }
      switch watchdog.move(on: look) {
      case .end: return
      case .wait: break
      case .waitFor(let reason): note(reason, look.journal, store, lock)
      case .kill(let reason): kill(reason, look.journal, store, lock)
      case .undo:
        let before = look.journal?.lines.count
        if let reason = reasonNotUndone(look.journal) {
          let journal = (try? store.journal(id)) ?? nil
          watchdog.failed(at: .now, hasBegun: journal?.lines.count != before)
          note(reason, journal ?? look.journal, store, lock)
        }
      }
      usleep(Self.pause)
    }
  }

  /// It must not be what is ended where memory runs short. Only root may ask for that.
  private func keepAlive() {
    let file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    _ = write(file, "-1000", 5)
    close(file)
  }

  private func look(_ store: JournalStore) throws(Diagnostics) -> Watchdog.Look {
    let journal = try store.obstacle()?.journal
    let own = journal.flatMap { $0.id == id && $0.isWatched ? $0 : nil } ?? nil
    let process = own?.header.run?.process.flatMap { RunningProcess($0) }
    return Watchdog.Look(
      now: .now, boot: Boot.id, journal: own, apply: process?.state ?? .gone,
      holder: try HostLock.holder(of: .host, in: options.stateFolder))
  }

  private func kill(_ reason: String, _ journal: Journal?, _ store: JournalStore, _ lock: HostLock) {
    guard let identity = journal?.header.run?.process, let process = RunningProcess(identity) else { return }
    do throws(Errno) { try process.kill() } catch {
      return note("\(reason), and cannot be killed: \(error)", journal, store, lock)
    }
    // It may be at a write in the kernel, which nothing ends.
    let end = ContinuousClock.now + .seconds(5)
    while process.state != .gone, .now < end { usleep(20_000) }
    note(reason + ", and was killed", journal, store, lock)
  }

  /// Why pcipass could not undo it; nil is that it did, or that it was confirmed meanwhile.
  private func reasonNotUndone(_ journal: Journal?) -> String? {
    let run = journal?.header.run
    var words = ["recover", "--unconfirmed", "\(id)", "--yes", "--lock-timeout", "5"] + options.place
    if let run {
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
    guard let journal = try? JournalStore(options.stateFolder).journal(id) else { return nil }
    let isWay = { (entry: JournalEntry) in if case .recovering = entry { true } else { false } }
    let last = journal.entries.lastIndex(where: isWay) ?? 0
    for case .undoFailed(let step, let failure) in journal.entries[last...] {
      return "\(step.id): \(failure.message)"
    }
    return nil
  }

  /// Written to the journal, once, and where that cannot be done told by the lock.
  private func note(_ reason: String, _ journal: Journal?, _ store: JournalStore, _ lock: HostLock) {
    if journal?.reasonNotUndone == reason { return }
    do throws(Diagnostics) {
      let file = try store.append(to: id)
      do throws(JournalFailure) { try file.append(.unconfirmed(reason)) } catch {
        say("\(reason) (and the journal cannot be written: \(error.message))", lock)
      }
    } catch {
      say(reason, lock)
    }
  }

  private func say(_ reason: String, _ lock: HostLock) { lock.say(WatchWords.task(id, notUndone: reason)) }
}
