import Documents
import HostModel
import Planning

/// The topology of a host in the DOT language of Graphviz (https://graphviz.org/doc/info/lang.html).
public enum GraphDOT {
  /// The DOT source of a directed graph from root ports to guests.
  public static func text(_ topology: Topology) -> String {
    let words = GraphLabels(topology: topology)
    var result = """
      digraph \(quoted(topology.host)) {
        graph [rankdir=LR, fontname="sans-serif"];
        node [shape=box, fontname="sans-serif", fontsize=11];
        edge [fontname="sans-serif", fontsize=10];

      """
    let notes = ([topology.host] + words.notes).map(quotedPart).joined(separator: "\\l") + "\\l"
    result += "  label=\"\(notes)\";\n  labelloc=t;\n  labeljust=l;\n"
    for function in topology.functions {
      let text = label(function.change, GraphLabels.title(function), GraphLabels.detail(function))
      result += "  \(GraphLabels.id(function.address)) [label=\(text)\(style(function.change))];\n"
    }
    for (index, guest) in topology.guests.enumerated() {
      let text = label(nil, GraphLabels.title(guest), GraphLabels.detail(guest))
      result += "  \(GraphLabels.id(guest: index)) [label=\(text), shape=ellipse];\n"
    }
    for function in topology.functions {
      guard let parent = function.parent else { continue }
      let isNew = function.change == .added || function.change == .removed
      result += "  \(GraphLabels.id(parent)) -> \(GraphLabels.id(function.address)) "
      result += "[arrowhead=none\(style(isNew ? function.change : nil))];\n"
    }
    for holding in topology.holdings {
      result += "  \(GraphLabels.id(holding.function)) -> \(GraphLabels.id(guest: holding.guest)) "
      result += "[label=\(label(holding.change, words.label(holding)))\(style(holding.change))];\n"
    }
    if !topology.guests.isEmpty {
      let ids = topology.guests.indices.map { GraphLabels.id(guest: $0) + ";" }
      result += "  { rank=max; \(ids.joined(separator: " ")) }\n"
    }
    return result + "}\n"
  }

  private static func style(_ change: PlannedChange?) -> String {
    switch change {
    case .added: ", color=\"#1a7f37\", fontcolor=\"#1a7f37\", penwidth=2"
    case .removed: ", color=\"#cf222e\", fontcolor=\"#cf222e\", penwidth=2, style=dashed"
    case .changed: ", color=\"#9a6700\", fontcolor=\"#9a6700\", penwidth=3"
    case .refused: ", color=\"#8250df\", fontcolor=\"#8250df\", penwidth=2, style=dotted"
    case nil: ""
    }
  }

  private static func label(_ change: PlannedChange?, _ lines: String...) -> String {
    "\"" + (change.map { GraphLabels.sign($0) + " " } ?? "")
      + lines.map(quotedPart).joined(separator: "\\n") + "\""
  }

  private static func quoted(_ text: String) -> String { "\"\(quotedPart(text))\"" }

  /// Escapes a label. A backslash starts an escape in it, and `&` an HTML entity.
  private static func quotedPart(_ text: String) -> String {
    printable(text).unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "&": result += "&amp;"
      default: result.unicodeScalars.append(scalar)
      }
    }
  }
}
