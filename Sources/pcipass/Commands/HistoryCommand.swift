import ArgumentParser
import Documents
import Execution
import Planning
import Reporting

struct HistoryCommand: PcipassCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "List the applies and rollbacks of this host, newest first.",
    discussion: """
      STEPS shows how many steps of a run left a change when the run ended, or may have left one. REVISION is \
      the commit of the manifests, if it is known.

      EXIT STATUS:
        0   done
        1   an error, or no journal can be read
        64  the command line is wrong

      EXAMPLES:
        pcipass history
        pcipass history --format json
      """)

  @OptionGroup var options: HostOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var table: TableOptions

  @Option(help: "The output format.")
  var format = FormatArgument<TextOrJSON>.text

  var outputFormat: OutputFormat { format.format }

  func run(on terminal: Terminal) throws -> ExitStatus {
    let (journals, isComplete) = try options.readableJournals(on: terminal)
    let context = RunContext(
      of: journals, isAtWork: try options.isAtWork(), pending: options.pendingConfirmation)
    let rendering = Rendering(
      text: {
        if journals.isEmpty { return isComplete ? "No apply was made on this host yet.\n" : "" }
        return HistoryText(style: terminal.outputStyle, context)
          .table(journals, width: table.width(on: terminal))
      },
      json: { HistoryJSON.text(journals, of: journals.last?.header.plan.host ?? options.hostName, context) })
    try terminal.write(rendering, as: format.format)
    let status = isComplete || !journals.isEmpty ? ExitStatus.success : .failure
    guard format.isText else { return status }
    if journals.isEmpty {
      if isComplete { terminal.writeNext("Next: pcipass plan shows what manifests would change.") }
    } else {
      options.warnOfPending(on: terminal)
      terminal.writeNext("\nNext: pcipass show ID shows one, pcipass rollback ID undoes one.")
    }
    return status
  }
}
