import ArgumentParser
import Documents
import Execution

struct Confirm: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "confirm", abstract: "Let an apply with --confirm-within stay.",
    discussion: """
      Without it the apply is taken back when its time is over.

        pcipass confirm
        pcipass confirm 17
      """)

  @OptionGroup var options: HostOptions
  @OptionGroup var waiting: LockOptions

  @Argument(help: ArgumentHelp("The number of the apply. Left out: the one that waits.", valueName: "id"))
  var id: Int?

  mutating func validate() throws { try options.checkChangeable() }

  func run() throws {
    let session = try Session(options, waiting, for: "confirm") { _ in [] }
    defer { session.end() }
    guard case .awaitsConfirmation(let journal)? = try orFail(session.store.obstacle),
      id == nil || id == journal.id
    else {
      throw fail(
        "nothing-to-confirm", "\(id.map { "apply \($0)" } ?? "no apply") awaits a confirmation",
        help: "pcipass history tells what became of each")
    }
    let file = try orFail { () throws(Diagnostics) in try session.store.append(to: journal.id) }
    do throws(JournalFailure) { try file.append(.confirmed(by: Caller.name)) } catch {
      throw fail(
        "unwritable", "the journal cannot be written: \(error.message); \(journal.name) is not confirmed")
    }
    Terminal.write("Confirmed: \(journal.name) stays.\n")
  }
}
