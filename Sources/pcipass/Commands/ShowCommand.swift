import ArgumentParser
import Documents
import Execution
import Reporting

struct ShowCommand: PcipassCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show the steps of an apply or rollback.",
    discussion: """
      show lists each step with its earlier state, its outcome, and the step that would undo it.

      EXIT STATUS:
        0  shown
        1  an error, or an unknown number

      EXAMPLES:
        pcipass show 17
        pcipass show 17 --format json
      """)

  @OptionGroup var options: HostOptions
  @OptionGroup var output: OutputOptions

  @Option(help: "The output format.")
  var format = FormatArgument<TextOrJSON>.text

  @Argument(
    help: ArgumentHelp("The number of the apply or rollback, from pcipass history.", valueName: "id"),
    completion: .journals)
  var id: Int

  var outputFormat: OutputFormat { format.format }

  func run(on terminal: Terminal) throws -> ExitStatus {
    let journal = try JournalStore(options.stateFolder).required(id)
    let context = RunContext(
      of: try options.journals(on: terminal), isAtWork: try options.isAtWork(),
      pending: options.pendingConfirmation)
    let rendering = Rendering(
      text: { terminal.wrapped(HistoryText(style: terminal.outputStyle, context).text(journal)) },
      json: { RunJSON.text(context.report(journal), of: journal) })
    try terminal.write(rendering, as: format.format)
    if format.isText { options.warnOfPending(on: terminal) }
    return .success
  }
}
