import ArgumentParser
import Documents
import Execution
import Reporting

struct ConfirmCommand: PcipassCommand {
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

  func run(on terminal: Terminal) throws -> ExitStatus {
    // The journal is read under the lock. A rollback holds the lock from reading the journal to its end.
    let lock = try options.lock(waiting, for: "confirm", on: terminal)
    let store = JournalStore(options.stateFolder)
    let waiting: Journal? =
      if case .awaitsConfirmation(let journal)? = try store.obstacle() { journal } else { nil }
    guard let journal = waiting, id == nil || id == journal.id else {
      throw Diagnostics(
        code: "nothing-to-confirm",
        try id.map { try why($0, in: store, on: terminal) } ?? "no apply is waiting for confirmation",
        help: waiting.map { "\($0.name) does: pcipass confirm \($0.id)" }
          ?? "pcipass history tells what became of each")
    }
    let file = try store.append(to: journal.id)
    do throws(JournalFailure) { try file.append(.confirmed(by: Caller.name)) } catch {
      throw Diagnostics(
        code: "unwritable",
        "the journal cannot be written: \(error.message); \(journal.name) is not confirmed")
    }
    lock.release()
    terminal.write("Confirmed: \(journal.name) stays.\n")
    terminal.writeNext("Next: pcipass rollback \(journal.id) undoes it all the same.")
    return .success
  }

  /// Why the apply of this number cannot be confirmed.
  private func why(_ id: Int, in store: JournalStore, on terminal: Terminal) throws(Diagnostics) -> String {
    guard let journal = try store.journal(id) else {
      return "there is no apply or rollback \(id) on this host"
    }
    let journals = try options.journals(on: terminal)
    let outcome = HistoryText(style: .plain, of: journals, isAtWork: false).outcome(journal)
    return "\(journal.name) is not waiting for confirmation: \(outcome)"
  }
}
