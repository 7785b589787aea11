import ArgumentParser
import Documents
import Execution
import HostModel
import Planning
import Reporting

struct ExplainCommand: PcipassCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Say why a NIC or a guest's NICs are where they are, and what would come next.",
    discussion: """
      Which manifest line claims it, which apply and step did that, what the host says now, which guards stop it, and \
      what a plan would do. Without PATHs it goes by the manifests of the last apply. Where a name means several \
      things, nic/NAME, guest/NAME and interface/NAME tell them apart.

      EXIT STATUS:
        0  explained
        1  an error, or nothing is called that

      EXAMPLES:
        pcipass explain 0000:03:00.0
        pcipass explain pool/3 fleet/
        pcipass explain winxp fleet/ --format json
      """)

  @OptionGroup var observation: ObservationOptions

  @Option(help: "How it is printed.")
  var format = FormatArgument<TextOrJSON>.text

  @Argument(
    help: ArgumentHelp("A PCI address, a NIC, a guest or an interface.", valueName: "name"),
    completion: .subjects)
  var name: String

  @Argument(
    help: "Files and folders of manifests; those of the last apply where there are none.",
    completion: .manifests)
  var paths: [String] = []

  func run(on terminal: Terminal) throws -> ExitStatus {
    let journals = observation.hasJournals ? try observation.options.journals(on: terminal) : nil
    let last = paths.isEmpty ? journals?.last { $0.header.task == .apply } : nil
    let observed = try observation.observed(
      paths, otherwise: last?.request.withoutPlaces, on: terminal)
    if observation.hasJournals { observation.options.warnOfOpen(observed.host, on: terminal) }
    let explainer = Explainer(observed.request, on: observed.host)
    let report = ExplanationReport(
      explainer.explanation(of: try subject(explainer)),
      last.map { .ofApply($0) } ?? (observed.request == nil ? .none : .given), on: observed.host,
      journals: journals)
    let rendering = Rendering(
      text: { ExplanationText(style: terminal.outputStyle).text(report) },
      json: { ExplanationJSON.json(report).text + "\n" })
    try terminal.write(rendering, as: format.format)
    return .success
  }

  private func subject(_ explainer: Explainer) throws(Diagnostics) -> ExplanationTopic {
    let meanings = explainer.meanings(of: name)
    guard let one = meanings.first else {
      throw Diagnostics(
        code: "not-found", "nothing on \(explainer.host.state.host) is called \(name)",
        help: explainer.suggestion(for: name).map { "did you mean \($0)?" }
          ?? "it is a PCI address, a NIC or a guest of the manifests, or an interface")
    }
    guard meanings.count == 1 else {
      throw Diagnostics(
        code: "ambiguous", "\(name) may be several things: " + meanings.map(\.words).joined(separator: "; "),
        help: "say which: " + meanings.map(\.path).joined(separator: " or "))
    }
    return one.topic
  }
}

extension ExplainableName {
  /// The name that no other thing has.
  fileprivate var path: String { kind == .function ? text : "\(kind.rawValue)/\(text)" }

  fileprivate var words: String {
    switch topic {
    case .function(let address): "\(path), which is \(address)"
    case .nic: path
    case .guest(let manager): "\(path), which is \(manager)"
    }
  }
}
