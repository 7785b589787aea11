import ArgumentParser
import Documents
import Execution
import Reporting

struct Confirm: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "confirm", abstract: "Keep an apply that was made with --confirm-within.",
    discussion: """
      Without it the apply is rolled back when its time is over. Confirmation and rollback exclude each other: what was \
      answered first holds.

      EXIT STATUS:
        0  it stays
        1  there is none to confirm, or an error

      EXAMPLES:
        pcipass confirm          the one that is waiting
        pcipass confirm 17
      """)

  @OptionGroup var options: HostOptions
  @OptionGroup var waiting: LockOptions

  @Argument(
    help: ArgumentHelp("The number of the apply. Left out: the one that is waiting.", valueName: "id"),
    completion: .unconfirmed)
  var id: Int?

  mutating func validate() throws { try options.checkChangeable() }

  func run() throws {
    // Only under the lock: the way back holds it from its look at the journal to its end.
    let lock = try options.lock(waiting, for: "confirm")
    let store = JournalStore(options.stateFolder)
    let waiting: Journal? =
      if case .awaitsConfirmation(let journal)? = try orFail(store.obstacle) { journal } else { nil }
    guard let journal = waiting, id == nil || id == journal.id else {
      throw fail(
        "nothing-to-confirm",
        try id.map { try why($0, in: store) } ?? "no apply is waiting for confirmation",
        help: waiting.map { "\($0.name) does: pcipass confirm \($0.id)" }
          ?? "pcipass history tells what became of each")
    }
    let file = try orFail { () throws(Diagnostics) in try store.append(to: journal.id) }
    do throws(JournalFailure) { try file.append(.confirmed(by: Caller.name)) } catch {
      throw fail(
        "unwritable", "the journal cannot be written: \(error.message); \(journal.name) is not confirmed")
    }
    lock.release()
    Terminal.write("Confirmed: \(journal.name) stays.\n")
    Terminal.writeNext("Next: pcipass rollback \(journal.id) undoes it all the same.")
  }

  /// Why that one is not to be confirmed.
  private func why(_ id: Int, in store: JournalStore) throws -> String {
    guard let journal = try orFail({ () throws(Diagnostics) in try store.journal(id) }) else {
      return "there is no apply or rollback \(id) on this host"
    }
    let outcome = HistoryText(style: .plain, of: try store.allReadable(), isAtWork: false).outcome(journal)
    return "\(journal.name) is not waiting for confirmation: \(outcome)"
  }
}
