import ArgumentParser
import Documents
import Execution
import HostModel
import Manifests
import Planning
import Reporting

struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
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

  @OptionGroup var sight: SightOptions

  @Option(help: "How it is printed.")
  var format = ListFormat.text

  @Argument(
    help: ArgumentHelp("A PCI address, a NIC, a guest or an interface.", valueName: "name"),
    completion: .subjects)
  var name: String

  @Argument(
    help: "Files and folders of manifests; those of the last apply where there are none.",
    completion: .manifests)
  var paths: [String] = []

  func run() throws {
    let journals = sight.hasJournals ? try JournalStore(sight.options.stateFolder).allReadable() : nil
    let last = paths.isEmpty ? journals?.last { $0.header.task == .apply } : nil
    let seen = try sight.look(paths, otherwise: last?.request.withoutPlaces)
    if sight.hasJournals { sight.options.warnOfOpen(seen.state) }
    let explainer = Explainer(seen.request, on: seen.state)
    let report = ExplanationReport(
      explainer.explanation(of: try subject(explainer)),
      last.map { .ofApply($0) } ?? (seen.request == nil ? .none : .given), on: seen.state, journals: journals)
    switch format {
    case .json: Terminal.write(ExplanationJSON.json(report).text + "\n")
    case .text: Terminal.write(ExplanationText(style: Terminal.output).text(report))
    }
  }

  private func subject(_ explainer: Explainer) throws -> Explanation.Subject {
    let meanings = explainer.meanings(of: name)
    guard let one = meanings.first else {
      throw fail(
        "not-found", "nothing on \(explainer.state.host) is called \(name)",
        help: explainer.suggestion(for: name).map { "did you mean \($0)?" }
          ?? "it is a PCI address, a NIC or a guest of the manifests, or an interface")
    }
    guard meanings.count == 1 else {
      throw fail(
        "ambiguous", "\(name) may be several things: " + meanings.map(\.words).joined(separator: "; "),
        help: "say which: " + meanings.map(\.path).joined(separator: " or "))
    }
    return one.subject
  }
}

extension Explainer.Name {
  /// What tells it from others of the same name.
  fileprivate var path: String { kind == .function ? text : "\(kind.rawValue)/\(text)" }

  fileprivate var words: String {
    switch subject {
    case .function(let address): "\(path), which is \(address)"
    case .nic: path
    case .guest(let manager): "\(path), which is \(manager)"
    }
  }
}
