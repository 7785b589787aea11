import ArgumentParser
import Documents
import HostModel
import Planning
import Reporting

struct GraphCommand: PcipassCommand {
  static let configuration = CommandConfiguration(
    commandName: "graph",
    abstract: "Draw how the NICs of the host reach its guests: root port, NIC, VF, guest.",
    discussion: """
      Other devices that guests have are drawn too. With manifests, the changes of a plan are marked: + added, \
      - removed, ~ changed, ✗ refused.

      EXIT STATUS:
        0  the picture is printed
        1  an error

      EXAMPLES:
        pcipass graph
        pcipass graph fleet/ --changes             only what a plan changes
        pcipass graph --format svg > hv01.svg
        pcipass graph fleet/ --format dot | dot -Tpdf > hv01.pdf
      """)

  enum Formats: AcceptedFormats {
    static let all: [OutputFormat] = [.text, .mermaid, .dot, .svg]
  }

  @OptionGroup var observation: ObservationOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var table: TableOptions

  @Flag(help: "Draw only what the plan changes.")
  var changes = false

  @Option(help: "The output format.")
  var format = FormatArgument<Formats>.text

  @Argument(help: "Manifest files and folders; - is standard input.", completion: .manifests)
  var paths: [String] = []

  mutating func validate() throws {
    if changes, paths.isEmpty {
      throw ValidationError("--changes needs manifests: it draws the changes of a plan")
    }
  }

  var outputFormat: OutputFormat { format.format }

  func run(on terminal: Terminal) throws -> ExitStatus {
    let observed = try observation.observed(paths, on: terminal)
    let resolved = observed.request.map { ResolvedRequest($0, on: observed.host) }
    let whole = resolved.map { Topology(Planner.plan($0), of: $0) } ?? Topology(observed.host)
    let topology = changes ? whole.changes : whole
    let rendering = Rendering(
      text: { GraphText(style: terminal.outputStyle, width: table.width(on: terminal)).text(topology) },
      mermaid: {
        guard let text = GraphMermaid.text(topology) else {
          throw Diagnostics(
            code: "too-large", "the picture is larger than Mermaid can draw",
            help: "pcipass graph --format svg has no limit; --changes draws less")
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
