import ArgumentParser
import Documents
import Reporting

struct HistoryCommand: PcipassCommand {
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
  var format = FormatArgument<TextOrJSON>.text

  func run(on terminal: Terminal) throws -> ExitStatus {
    let journals = try options.journals(on: terminal)
    let isAtWork = try options.isAtWork()
    let pending = options.pendingConfirmation
    let rendering = Rendering(
      text: {
        if journals.isEmpty { return "Nothing was applied on this host yet.\n" }
        return HistoryText(style: terminal.outputStyle, of: journals, isAtWork: isAtWork, pending)
          .table(journals)
      },
      json: { JournalJSON.history(journals, isAtWork: isAtWork, pending).text + "\n" })
    try terminal.write(rendering, as: format.format)
    guard format.isText else { return .success }
    if journals.isEmpty {
      terminal.writeNext("Next: pcipass plan shows what manifests would change.")
    } else {
      options.warnOfPending(on: terminal)
      terminal.writeNext("\nNext: pcipass show ID tells all of one, pcipass rollback ID takes one back.")
    }
    return .success
  }
}
