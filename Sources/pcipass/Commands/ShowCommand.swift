import ArgumentParser
import Documents
import Execution
import Reporting

struct ShowCommand: PcipassCommand {
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
  var format = FormatArgument<TextOrJSON>.text

  @Argument(help: ArgumentHelp("Its number, as history lists it.", valueName: "id"), completion: .journals)
  var id: Int

  func run(on terminal: Terminal) throws -> ExitStatus {
    let journal = try JournalStore(options.stateFolder).required(id)
    let rendering = Rendering(
      text: {
        HistoryText(
          style: terminal.outputStyle, of: try options.journals(on: terminal),
          isAtWork: try options.isAtWork(), options.pendingConfirmation
        ).text(journal)
      },
      json: { JournalJSON.journal(journal).text + "\n" })
    try terminal.write(rendering, as: format.format)
    if format.isText { options.warnOfPending(on: terminal) }
    return .success
  }
}
