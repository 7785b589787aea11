import ArgumentParser
import Documents
import HostModel
import Planning
import Reporting

struct Graph: ParsableCommand {
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

  enum Format: String, CaseIterable, ExpressibleByArgument { case text, mermaid, dot, svg }

  @OptionGroup var sight: SightOptions

  @Flag(help: "Only what a plan would touch.")
  var changes = false

  @Option(help: "How it is drawn.")
  var format = Format.text

  @Argument(help: "Files and folders of manifests; - is standard input.", completion: .manifests)
  var paths: [String] = []

  mutating func validate() throws {
    if changes, paths.isEmpty { throw ValidationError("--changes is about a plan: it needs manifests") }
  }

  func run() throws {
    let sight = try sight.look(paths)
    var topology = Topology(sight.state, plan: sight.request.map { Planner.plan($0, on: sight.state) })
    if changes { topology = topology.changes }
    switch format {
    case .text: Terminal.write(GraphText(style: Terminal.output, width: Terminal.width).text(topology))
    case .mermaid:
      guard let text = GraphMermaid.text(topology) else {
        throw fail("too-large", "this is more than Mermaid draws", help: "--format svg has no limit")
      }
      Terminal.write(text)
    case .dot: Terminal.write(GraphDOT.text(topology))
    case .svg: Terminal.write(GraphSVG.text(topology))
    }
    warn(sight.state.unreadable.map { Diagnostic(.warning, code: "unreadable", $0) })
  }
}
