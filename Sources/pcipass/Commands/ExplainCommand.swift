import ArgumentParser
import Documents
import Execution
import HostModel
import Planning
import Reporting

struct ExplainCommand: PcipassCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Explain the state of a NIC or guest, and what plan would change.",
    discussion: """
      explain shows which manifest line claims the NIC, which apply and step changed it, what the host \
      reports, which guards refuse it, and what plan would change. Without PATHs it uses the manifests of \
      the last apply. If a name is ambiguous, write nic/NAME, guest/NAME or interface/NAME.

      EXIT STATUS:
        0  explained
        1  an error, or an unknown name

      EXAMPLES:
        pcipass explain 0000:03:00.0
        pcipass explain pool/3 fleet/
        pcipass explain fast fleet/                  a pool and its claimed members
        pcipass explain winxp fleet/ --format json
      """)

  @OptionGroup var observation: ObservationOptions
  @OptionGroup var output: OutputOptions

  @Option(help: "The output format.")
  var format = FormatArgument<TextOrJSON>.text

  @Argument(
    help: ArgumentHelp(
      "A PCI address, or the name of a NIC, a pool, a guest or an interface.", valueName: "name"),
    completion: .subjects)
  var name: String

  @Argument(
    help: "Manifest files and folders. Default: those of the last apply.",
    completion: .manifests)
  var paths: [String] = []

  var outputFormat: OutputFormat { format.format }

  func run(on terminal: Terminal) throws -> ExitStatus {
    let journals = observation.hasJournals ? try observation.options.journals(on: terminal) : nil
    let last = paths.isEmpty ? journals?.last { $0.header.task == .apply } : nil
    let observed = try observation.observed(
      paths, otherwise: last?.request.withoutPlaces.ofEverything, on: terminal)
    if observation.hasJournals { observation.options.warnOfOpen(observed.host, on: terminal) }
    let explainer = Explainer(observed.request, on: observed.host)
    let report = ExplanationReport(
      explainer.explanation(of: try subject(explainer)),
      last.map { .ofApply($0) } ?? (observed.request == nil ? .none : .given), on: observed.host,
      journals: journals)
    let rendering = Rendering(
      text: { terminal.wrapped(ExplanationText(style: terminal.outputStyle).text(report)) },
      json: { ExplanationJSON.form.encode(report).text + "\n" })
    try terminal.write(rendering, as: format.format)
    return .success
  }

  private func subject(_ explainer: Explainer) throws(Diagnostics) -> ExplanationTopic {
    let meanings = explainer.meanings(of: name)
    guard let one = meanings.first else {
      throw Diagnostics(
        code: "not-found", "\(explainer.host.state.host) has no NIC, guest or interface named \(name)",
        help: explainer.suggestion(for: name).map { "did you mean \($0)?" }
          ?? "use a PCI address, a NIC or guest of the manifests, or an interface")
    }
    guard meanings.count == 1 else {
      throw Diagnostics(
        code: "ambiguous", "\(name) is ambiguous: " + meanings.map(\.words).joined(separator: "; "),
        help: "choose one: " + meanings.map(\.path).joined(separator: " or "))
    }
    return one.topic
  }
}

extension ExplainableName {
  /// The unambiguous name: `nic/lan`.
  fileprivate var path: String { kind == .function ? text : "\(kind.rawValue)/\(text)" }

  fileprivate var words: String {
    switch topic {
    case .function(let address): "\(path), which is \(address)"
    case .nic: path
    case .guest(let manager): "\(path), which is \(manager)"
    }
  }
}
