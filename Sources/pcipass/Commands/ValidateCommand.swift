import ArgumentParser
import Documents
import Manifests
import Reporting

struct ValidateCommand: PcipassCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Check manifests, offline: all errors of all files.",
    discussion: """
      EXIT STATUS:
        0  all are right
        1  there are errors

      EXAMPLES:
        pcipass validate fleet/
        pcipass validate --format json fleet/     lines and columns count from 1
      """)

  @Option(help: "How the result is printed.")
  var format = FormatArgument<TextOrJSON>.text

  @Argument(help: "Files and folders of manifests; - is standard input.", completion: .manifests)
  var paths: [String]

  func run(on terminal: Terminal) throws -> ExitStatus {
    let loader = Loader.load(paths)
    let isValid = !loader.diagnostics.hasErrors
    if format.isText { terminal.warn(loader.diagnostics) }
    let rendering = Rendering(
      text: { isValid ? Self.words(loader.fleet) : "" },
      json: { DiagnosticJSON.validation(loader.diagnostics, documents: loader.documentCount).text + "\n" })
    try terminal.write(rendering, as: format.format)
    if format.isText, isValid {
      terminal.writeNext("Next: pcipass plan shows what they would change on this host.")
    } else if format.isText {
      terminal.writeError(
        "\(pluralised(loader.diagnostics.count, "error")) in \(pluralised(loader.documentCount, "document")).\n"
      )
    }
    return isValid ? .success : .failure
  }

  private static func words(_ fleet: Fleet) -> String {
    "Valid: \(pluralised(fleet.hosts.count, "host")), \(pluralised(fleet.guests.count, "guest")).\n"
  }
}
