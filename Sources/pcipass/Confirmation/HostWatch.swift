import Documents
import Execution
import Files
import Glibc
import Hosts
import Planning
import SystemPackage

/// The effects of the watchdog on this host.
struct HostWatch: WatchEffects {
  let id: Int
  let options: HostOptions
  let lock: HostLock

  /// The time limit for one attempt to undo. Each call in it has a shorter limit.
  private static let longestTry = Duration.seconds(3600)

  private var store: JournalStore { JournalStore(options.stateFolder) }

  var now: Moment { .now }

  func look() throws(Diagnostics) -> Watchdog.Observation {
    let open = try store.obstacle()?.journal
    let journal = open.flatMap { $0.id == id && $0.isWatched ? $0 : nil }
    let process = journal?.header.run?.process.flatMap { RunningProcess($0) }
    return Watchdog.Observation(
      now: now, boot: Boot.id, journal: journal, apply: process?.state ?? .gone,
      holder: try HostLock.holder(of: .host, in: options.stateFolder))
  }

  func kill(_ apply: Journal) -> String? {
    guard let identity = apply.header.run?.process, let process = RunningProcess(identity) else { return nil }
    do throws(Errno) { try process.kill() } catch { return error.description }
    // A kernel write cannot be interrupted, so the process may continue to exist.
    waitUntil(within: .seconds(5)) { process.state == .gone }
    return nil
  }

  /// Runs `recover` as a process, because it may hang.
  func undo(_ apply: Journal) -> String? {
    var words = ["recover", "--unconfirmed", "\(id)", "--yes", "--lock-timeout", "5"] + options.place
    if let run = apply.header.run {
      words += ["--step-timeout", "\(run.stepTimeout)", "--unplug-timeout", "\(run.unplugTimeout)"]
      words += ["--jobs", "\(run.jobs)"]
    }
    do throws(SubprocessFailure) {
      _ = try Subprocess.output(
        "/proc/self/exe", words, upTo: 1 << 22, within: Self.longestTry, showsErrors: true)
      return nil
    } catch {
      let reason = printable(error.reason)
      guard let place = reason.firstRange(of: "error: ") else { return failedStep ?? reason }
      return String(reason[place.upperBound...])
    }
  }

  /// The first failure of the last recovery.
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
      return error.message
    }
  }

  func announce(_ reason: String?) {
    lock.announce(reason.map { WatchdogLockText.task(id, notUndone: $0) } ?? WatchdogLockText.task(id))
  }
}
