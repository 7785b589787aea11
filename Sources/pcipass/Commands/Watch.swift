import ArgumentParser
import Documents
import Execution
import Glibc
import Hosts

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
      do throws(NoAnswer) {
        _ = try Command.output(
          "/proc/self/exe", words + ["--yes", "--lock-timeout", "60"], upTo: 1 << 20, within: Self.patience,
          showsErrors: true)
        continue
      } catch {
        if error.reason != last, let file = try? store.append(to: id) {
          try? file.append(.unconfirmed(error.reason))
          last = error.reason
        }
      }
      sleep(Self.pause)
    }
  }
}
