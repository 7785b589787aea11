import Documents
import HostModel
import Planning

/// The topology of a host as a tree of lines. With a plan, a sign precedes each line that the plan
/// changes.
public struct GraphText {
  private let style: Style
  private let width: Int?

  /// - Parameter width: the width of the terminal in columns; nil means no limit.
  public init(style: Style, width: Int? = nil) {
    self.style = style
    self.width = width
  }

  /// The tree, the legend of the signs, and notes about refused, unknown, omitted or cut parts.
  public func text(_ topology: Topology) -> String {
    let words = GraphLabels(topology: topology)
    var result = style.bold("\(printable(topology.host)):") + "\n"
    let lines = lines(topology, words).map { text($0, isPlanned: topology.isPlanned) }
    for line in lines { result += line.text }
    if let nothing = words.nothing { result += "  \(nothing)\n" }
    let legend = words.legend.map { "\(GraphLabels.sign($0.change)) \($0.text)" }
    if !legend.isEmpty { result += "\n" + legend.joined(separator: "  ") + "\n" }
    var notes = words.notes
    if lines.contains(where: \.isCut) { notes.append("Some lines are cut. Show them with --wide.") }
    let wrap = TextWrap(width: width)
    return result + (notes.isEmpty ? "" : "\n")
      + notes.map { wrap.text($0, hanging: "  ") + "\n" }.joined()
  }

  private struct TextLine {
    let branch: String
    let title: String
    let detail: String
    let change: PlannedChange?
  }

  private func lines(_ topology: Topology, _ words: GraphLabels) -> [TextLine] {
    let children = Dictionary(grouping: topology.functions, by: \.parent)
    let holdings = Dictionary(grouping: topology.holdings, by: \.function)
    var result: [TextLine] = []
    func add(_ function: TopologyFunction, _ branch: String, _ indent: String) {
      result.append(
        TextLine(
          branch: branch, title: GraphLabels.title(function), detail: GraphLabels.detail(function),
          change: function.change))
      let (held, parts) = (holdings[function.address] ?? [], children[function.address] ?? [])
      var left = held.count + parts.count
      func next() -> (branch: String, indent: String) {
        left -= 1
        return left == 0 ? (indent + "└── ", indent + "    ") : (indent + "├── ", indent + "│   ")
      }
      for holding in held {
        let guest = topology.guests[holding.guest]
        result.append(
          TextLine(
            branch: next().branch, title: "→ " + GraphLabels.title(guest),
            detail: GraphLabels.detail(guest) + " · " + words.label(holding), change: holding.change))
      }
      for part in parts {
        let (branch, indent) = next()
        add(part, branch, indent)
      }
    }
    for root in children[nil] ?? [] { add(root, "", "") }
    return result
  }

  private func text(_ line: TextLine, isPlanned: Bool) -> (text: String, isCut: Bool) {
    let sign = isPlanned ? (line.change.map(GraphLabels.sign) ?? " ") + " " : ""
    let plain = "  \(sign)\(line.branch)\(line.title)  \(line.detail)"
    let shown = width.map { cut(plain, to: $0) } ?? plain
    // A line that was cut has one colour, because escape sequences must not count as width.
    guard shown == plain else { return (coloured(shown, line.change) + "\n", true) }
    let text =
      "  " + coloured(sign, line.change) + style.dim(line.branch) + coloured(line.title, line.change)
    return (text + "  " + line.detail + "\n", false)
  }

  private func coloured(_ text: String, _ change: PlannedChange?) -> String {
    switch change {
    case .added: style.green(text)
    case .removed, .refused: style.red(text)
    case .changed: style.yellow(text)
    case nil: text
    }
  }
}
