import ArgumentParser
import Documents
import Execution
import Reporting

struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show all that is known of one apply or rollback.",
    discussion: """
      Each step with what it changed from, how it ended, and what would take it back.

      EXIT STATUS:
        0  shown
        1  there is no such apply or rollback, or an error

      EXAMPLES:
        pcipass show 17
        pcipass show 17 --format json
      """)

  @OptionGroup var options: HostOptions

  @Option(help: "How it is printed.")
  var format = ListFormat.text

  @Argument(help: ArgumentHelp("Its number, as history lists it.", valueName: "id"), completion: .journals)
  var id: Int

  func run() throws {
    let store = JournalStore(options.stateFolder)
    let journal = try store.required(id)
    switch format {
    case .json: Terminal.write(JournalJSON.journal(journal).text + "\n")
    case .text:
      let text = HistoryText(
        style: Terminal.output, of: try store.allReadable(), isAtWork: try options.isAtWork(),
        options.pendingConfirmation)
      Terminal.write(text.text(journal))
      options.warnOfPending()
    }
  }
}
