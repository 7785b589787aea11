import ArgumentParser
import Documents
import Execution
import Reporting

struct Confirm: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "confirm", abstract: "Let an apply with --confirm-within stay.",
    discussion: """
      Without it the apply is taken back when its time is over.

      EXIT STATUS:
        0  it stays
        1  there is none to confirm, or an error

      EXAMPLES:
        pcipass confirm          the one that waits
        pcipass confirm 17
      """)

  @OptionGroup var options: HostOptions
  @OptionGroup var waiting: LockOptions

  @Argument(
    help: ArgumentHelp("The number of the apply. Left out: the one that waits.", valueName: "id"),
    completion: .unconfirmed)
  var id: Int?

  mutating func validate() throws { try options.checkChangeable() }

  func run() throws {
    let session = try Session(options, waiting, for: "confirm") { _ in [] }
    defer { session.end() }
    let waiting: Journal? =
      if case .awaitsConfirmation(let journal)? = try orFail(session.store.obstacle) { journal } else { nil }
    guard let journal = waiting, id == nil || id == journal.id else {
      throw fail(
        "nothing-to-confirm",
        try id.map { try why($0, in: session.store) } ?? "no apply awaits a confirmation",
        help: waiting.map { "\($0.name) does: pcipass confirm \($0.id)" }
          ?? "pcipass history tells what became of each")
    }
    let file = try orFail { () throws(Diagnostics) in try session.store.append(to: journal.id) }
    do throws(JournalFailure) { try file.append(.confirmed(by: Caller.name)) } catch {
      throw fail(
        "unwritable", "the journal cannot be written: \(error.message); \(journal.name) is not confirmed")
    }
    Terminal.write("Confirmed: \(journal.name) stays.\n")
    Terminal.writeNext("Next: pcipass rollback \(journal.id) takes it back all the same.")
  }

  /// Why that one is not to be confirmed.
  private func why(_ id: Int, in store: JournalStore) throws -> String {
    guard let journal = try orFail({ () throws(Diagnostics) in try store.journal(id) }) else {
      return "there is no apply or rollback \(id) on this host"
    }
    let outcome = HistoryText(style: .plain, of: try store.allReadable(), isAtWork: false).outcome(journal)
    return "\(journal.name) awaits no confirmation: \(outcome)"
  }
}
