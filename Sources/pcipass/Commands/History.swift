import ArgumentParser
import Documents
import Execution
import Reporting

struct History: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "List the applies and rollbacks of this host, the last first.",
    discussion: """
      STEPS tells how many of a run's steps have left something on the host.

      EXIT STATUS:
        0  listed
        1  an error

      EXAMPLES:
        pcipass history
        pcipass history --format json
      """)

  @OptionGroup var options: HostOptions

  @Option(help: "How it is printed.")
  var format = ListFormat.text

  func run() throws {
    let journals = try JournalStore(options.stateFolder).allReadable()
    let isAtWork = try options.isAtWork()
    let pending = options.pendingConfirmation
    switch format {
    case .json: Terminal.write(JournalJSON.history(journals, isAtWork: isAtWork, pending).text + "\n")
    case .text where journals.isEmpty:
      Terminal.write("Nothing was applied on this host yet.\n")
      Terminal.writeNext("Next: pcipass plan shows what manifests would change.")
    case .text:
      let text = HistoryText(style: Terminal.output, of: journals, isAtWork: isAtWork, pending)
      Terminal.write(text.table(journals))
      options.warnOfPending()
      Terminal.writeNext("\nNext: pcipass show ID tells all of one, pcipass rollback ID takes one back.")
    }
  }
}

enum ListFormat: String, CaseIterable, ExpressibleByArgument { case text, json }
