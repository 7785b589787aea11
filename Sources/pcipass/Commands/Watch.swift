import ArgumentParser
import Documents
import Execution
import Glibc
import Hosts
import Planning

/// What `apply --confirm-within` leaves behind: waits until the apply has ended, then for its confirmation, and takes it
/// back when that does not come. It is not for typing.
struct Watch: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "Take an apply back unless it is confirmed.", shouldDisplay: false)

  @OptionGroup var options: HostOptions

  @Argument(help: "The number of the apply.")
  var id: Int

  /// How long a way back that is refused is tried again, and how often.
  private static let patience = Duration.seconds(3600)
  private static let pause: UInt32 = 30

  func run() throws {
    signal(SIGHUP, SIG_IGN)
    let store = JournalStore(options.stateFolder)
    let lock = try orFail { () throws(Diagnostics) in
      try HostLock(
        .watch, in: options.stateFolder, for: Watchdog.task(id), waiting: Watchdog.patience)
    }
    defer { lock.release() }
    guard let journal = try orFail({ () throws(Diagnostics) in try store.journal(id) }),
      let seconds = journal.header.confirmWithin
    else { return }
    while try options.isAtWork() { usleep(200_000) }
    // Where the apply was killed, too: nobody else would take it back.
    let end = ContinuousClock.now + .seconds(seconds)
    while .now < end {
      if try !isWanted(store) { return }
      usleep(500_000)
    }
    try takeBack(store)
  }

  /// Whether there is still something that nobody has confirmed, recovered or taken back.
  private func isWanted(_ store: JournalStore) throws -> Bool {
    switch try orFail(store.obstacle) {
    case .open(let journal), .awaitsConfirmation(let journal): journal.id == id
    case nil: false
    }
  }

  private func takeBack(_ store: JournalStore) throws {
    let end = ContinuousClock.now + Self.patience
    var last = ""
    while try isWanted(store), .now < end {
      var words = options.words
      let journal = try orFail { () throws(Diagnostics) in try store.journal(id) }
      // A normal rollback, as an operator would type it.
      words = (journal?.isOpen ?? false) ? ["recover"] + words : ["rollback", "\(id)"] + words
      if let reason = failure(of: words, store) {
        if reason != last, note(reason, store) { last = reason }
      } else if try !isWanted(store) {
        return
      }
      sleep(Self.pause)
    }
  }
  /// Why pcipass could not do that; nil is that it has done it.
  private func failure(of words: [String], _ store: JournalStore) -> String? {
    do throws(NoAnswer) {
      _ = try Command.output(
        "/proc/self/exe", words + ["--yes", "--lock-timeout", "60"], upTo: 1 << 20, within: Self.patience,
        showsErrors: true)
      return nil
    } catch {
      let mark = "error: "
      guard let place = error.reason.firstRange(of: mark) else { return failedStep(store) ?? error.reason }
      return String(error.reason[place.upperBound...])
    }
  }

  /// What went wrong on the way back, as far as that was begun.
  private func failedStep(_ store: JournalStore) -> String? {
    guard let id = try? store.ids().last, let journal = try? store.journal(id) else { return nil }
    for entry in journal.entries.reversed() {
      switch entry {
      case .failed(let step, let failure, _), .undoFailed(let step, let failure):
        return "\(step.id): \(failure.message)"
      default: continue
      }
    }
    return nil
  }

  /// Whoever has the host's lock may be writing to the same journal.
  private func note(_ reason: String, _ store: JournalStore) -> Bool {
    do throws(Diagnostics) {
      let lock = try HostLock(.host, in: options.stateFolder, for: Watchdog.task(id), waiting: .zero)
      defer { lock.release() }
      let file = try store.append(to: id)
      do throws(JournalFailure) { try file.append(.unconfirmed(reason)) } catch { return false }
      return true
    } catch {
      return false
    }
  }
}
