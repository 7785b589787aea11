import ArgumentParser
import Documents
import Manifests
import Reporting

struct ValidateCommand: PcipassCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Check manifests offline and report all errors.",
    discussion: """
      validate checks each file, and the references between hosts and guests. It does not read the host.

      EXIT STATUS:
        0  valid
        1  errors were found

      EXAMPLES:
        pcipass validate fleet/
        pcipass validate --format json fleet/     lines and columns count from 1
        pcipass validate --format sarif fleet/    SARIF 2.1.0, for code scanning
        pcipass validate --format github fleet/   annotations in GitHub Actions
      """)

  @OptionGroup var output: OutputOptions

  enum Formats: AcceptedFormats {
    static let all: [OutputFormat] = [.text, .json, .sarif, .github]
  }

  @OptionGroup var origin: OriginOptions

  @Option(help: "The output format.")
  var format = FormatArgument<Formats>.text

  @Argument(help: "Manifest files and folders; - is standard input.", completion: .manifests)
  var paths: [String]

  var outputFormat: OutputFormat { format.format }

  func run(on terminal: Terminal) throws -> ExitStatus {
    let loader = try origin.loader(paths)
    let isValid = !loader.diagnostics.hasErrors
    if format.isText { terminal.warn(loader.diagnostics) }
    let rendering = Rendering(
      text: { isValid ? Self.words(loader.fleet) : "" },
      json: { DiagnosticJSON.validation(loader.diagnostics, documents: loader.documentCount) },
      sarif: { DiagnosticSARIF.text(loader.diagnostics, version: Pcipass.version) },
      github: { DiagnosticGitHub.text(loader.diagnostics) })
    try terminal.write(rendering, as: format.format)
    if format.isText, isValid {
      terminal.writeNext("Next: pcipass plan shows what they would change on this host.")
    } else if format.isText {
      let errors = loader.diagnostics.count { $0.severity == .error }
      terminal.writeError(
        "\(pluralised(errors, "error")) in \(pluralised(loader.documentCount, "document")).\n"
      )
    }
    return isValid ? .success : .failure
  }

  private static func words(_ fleet: Fleet) -> String {
    "Valid: \(pluralised(fleet.hosts.count, "host")), \(pluralised(fleet.guests.count, "guest")).\n"
  }
}
