import ArgumentParser
import Documents
import HostModel
import Planning
import Reporting

struct GraphCommand: PcipassCommand {
  static let configuration = CommandConfiguration(
    commandName: "graph", abstract: "Draw how the host's NICs reach its guests: root port, NIC, VF, guest.",
    discussion: """
      NICs, and whatever else guests have of the host. With manifests, what a plan would do is marked: + comes, - goes, \
      ~ changes, ✗ may not be.

      EXIT STATUS:
        0  drawn
        1  an error

      EXAMPLES:
        pcipass graph
        pcipass graph fleet/ --changes             only what a plan would touch
        pcipass graph --format svg > hv01.svg
        pcipass graph fleet/ --format dot | dot -Tpdf > hv01.pdf
      """)

  enum Formats: AcceptedFormats {
    static let all: [OutputFormat] = [.text, .mermaid, .dot, .svg]
  }

  @OptionGroup var observation: ObservationOptions

  @Flag(help: "Only what a plan would touch.")
  var changes = false

  @Option(help: "How it is drawn.")
  var format = FormatArgument<Formats>.text

  @Argument(help: "Files and folders of manifests; - is standard input.", completion: .manifests)
  var paths: [String] = []

  mutating func validate() throws {
    if changes, paths.isEmpty { throw ValidationError("--changes is about a plan: it needs manifests") }
  }

  func run(on terminal: Terminal) throws -> ExitStatus {
    let observed = try observation.observed(paths, on: terminal)
    let resolved = observed.request.map { ResolvedRequest($0, on: observed.host) }
    let whole = resolved.map { Topology(Planner.plan($0), of: $0) } ?? Topology(observed.host)
    let topology = changes ? whole.changes : whole
    let rendering = Rendering(
      text: { GraphText(style: terminal.outputStyle, width: terminal.width).text(topology) },
      mermaid: {
        guard let text = GraphMermaid.text(topology) else {
          throw Diagnostics(
            code: "too-large", "this is more than Mermaid draws", help: "--format svg has no limit")
        }
        return text
      },
      dot: { GraphDOT.text(topology) },
      svg: { GraphSVG.text(topology) })
    try terminal.write(rendering, as: format.format)
    terminal.warn(observed.host.state.unreadable.map { Diagnostic(.warning, code: "unreadable", $0) })
    return .success
  }
}
