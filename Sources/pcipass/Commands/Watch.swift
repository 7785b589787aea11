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
    var loop = WatchLoop(HostWatch(id: id, options: options, lock: lock))
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

/// The watchdog on this host.
private struct HostWatch: WatchEffects {
  let id: Int
  let options: HostOptions
  let lock: HostLock

  /// How long one try may take: every call in it has a time limit of its own.
  private static let longestTry = Duration.seconds(3600)

  private var store: JournalStore { JournalStore(options.stateFolder) }

  var now: Moment { .now }

  func look() throws(Diagnostics) -> Watchdog.Look {
    let open = try store.obstacle()?.journal
    let journal = open.flatMap { $0.id == id && $0.isWatched ? $0 : nil }
    let process = journal?.header.run?.process.flatMap { RunningProcess($0) }
    return Watchdog.Look(
      now: now, boot: Boot.id, journal: journal, apply: process?.state ?? .gone,
      holder: try HostLock.holder(of: .host, in: options.stateFolder))
  }

  func kill(_ apply: Journal) -> String? {
    guard let identity = apply.header.run?.process, let process = RunningProcess(identity) else { return nil }
    do throws(Errno) { try process.kill() } catch { return error.description }
    // It may be at a write in the kernel, which nothing ends.
    let end = ContinuousClock.now + .seconds(5)
    while process.state != .gone, .now < end { usleep(20_000) }
    return nil
  }

  /// In a process of its own, which may hang.
  func undo(_ apply: Journal) -> String? {
    var words = ["recover", "--unconfirmed", "\(id)", "--yes", "--lock-timeout", "5"] + options.place
    if let run = apply.header.run {
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
    guard let journal = read() else { return nil }
    let isWay = { (entry: JournalEntry) in if case .recovering = entry { true } else { false } }
    let last = journal.entries.lastIndex(where: isWay) ?? 0
    for case .undoFailed(let step, let failure) in journal.entries[last...] {
      return "\(step.id): \(failure.message)"
    }
    return nil
  }

  func read() -> Journal? { (try? store.journal(id)) ?? nil }

  func write(_ reason: String) -> String? {
    do throws(Diagnostics) {
      let file = try store.append(to: id)
      do throws(JournalFailure) { try file.append(.unconfirmed(reason)) } catch { return error.message }
      return nil
    } catch {
      return error.all.first?.message ?? "unknown"
    }
  }

  func say(_ reason: String?) {
    lock.say(reason.map { WatchWords.task(id, notUndone: $0) } ?? WatchWords.task(id))
  }
}
