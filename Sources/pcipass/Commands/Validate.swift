import ArgumentParser
import Documents
import Manifests
import Reporting

struct Validate: ParsableCommand {
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

  enum Format: String, CaseIterable, ExpressibleByArgument { case text, json }

  @Option(help: "How the result is printed.")
  var format = Format.text

  @Argument(help: "Files and folders of manifests; - is standard input.", completion: .manifests)
  var paths: [String]

  func run() throws {
    let loader = Loader.load(paths)
    let isValid = !Diagnostics(loader.diagnostics).hasErrors
    switch format {
    case .json:
      Terminal.write(
        DiagnosticJSON.validation(loader.diagnostics, documents: loader.documentCount).text + "\n")
    case .text:
      var text = DiagnosticText(style: Terminal.error)
      Terminal.writeError(text.text(loader.diagnostics))
      if isValid {
        let fleet = loader.fleet
        Terminal.write(
          "Valid: \(counted(fleet.hosts.count, "host")), \(counted(fleet.guests.count, "guest")).\n")
        Terminal.writeNext("Next: pcipass plan shows what they would change on this host.")
      } else {
        Terminal.writeError(
          "\(counted(loader.diagnostics.count, "error")) in \(counted(loader.documentCount, "document")).\n")
      }
    }
    if !isValid { throw ExitCode.failure }
  }
}
