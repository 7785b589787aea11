import ArgumentParser
import Documents
import Execution
import Reporting

struct ConfirmCommand: PcipassCommand {
  static let configuration = CommandConfiguration(
    commandName: "confirm", abstract: "Keep an apply that waits for confirmation.",
    discussion: """
      An apply with --confirm-within rolls back automatically unless it is confirmed in time. A \
      confirmation after the rollback has started has no effect.

      EXIT STATUS:
        0  the apply is confirmed
        1  no apply waits for confirmation, or an error
        75 another pcipass holds the lock

      EXAMPLES:
        pcipass confirm          the apply that waits for confirmation
        pcipass confirm 17
      """)

  @OptionGroup var options: HostOptions
  @OptionGroup var waiting: LockOptions
  @OptionGroup var output: OutputOptions

  @Argument(
    help: ArgumentHelp(
      "The number of the apply. Default: the apply that waits for confirmation.", valueName: "id"),
    completion: .unconfirmed)
  var id: Int?

  @Option(help: "The output format.")
  var format = FormatArgument<TextOrJSON>.text

  var outputFormat: OutputFormat { format.format }
  var changesHost: Bool { true }

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
        help: waiting.map { "\($0.name) is waiting: pcipass confirm \($0.id)" }
          ?? "pcipass history lists all runs and their outcomes")
    }
    let file = try store.append(to: journal.id)
    do throws(JournalFailure) { try file.append(.confirmed(by: Caller.name)) } catch {
      throw Diagnostics(
        code: "unwritable",
        "the journal cannot be written: \(error.message); \(journal.name) is not confirmed")
    }
    do throws(Diagnostics) { try BootStore(options.stateFolder).catchUp(seeing: nil) } catch {
      terminal.warn([.bootRecord(error)])
    }
    lock.release()
    let confirmed = try store.required(journal.id)
    let report = RunContext(of: [confirmed], isAtWork: false).report(confirmed)
    try terminal.write(
      Rendering(
        text: { "Confirmed: \(journal.name) stays in effect.\n" },
        json: { RunJSON.text(report, of: confirmed) }), as: format.format)
    options.log(report, .success)
    terminal.writeNext("Next: pcipass rollback \(journal.id) still undoes it.")
    return .success
  }

  /// Why the apply of this number cannot be confirmed.
  private func why(_ id: Int, in store: JournalStore, on terminal: Terminal) throws(Diagnostics) -> String {
    guard let journal = try store.journal(id) else {
      return "there is no apply or rollback \(id) on this host"
    }
    let journals = try options.journals(on: terminal)
    let outcome = HistoryText(style: .plain, RunContext(of: journals, isAtWork: false)).outcome(journal)
    return "\(journal.name) is not waiting for confirmation: \(outcome)"
  }
}
