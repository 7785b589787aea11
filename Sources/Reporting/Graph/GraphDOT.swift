import Documents
import HostModel
import Planning

/// The topology of a host in the DOT language of Graphviz
/// (https://graphviz.org/doc/info/lang.html). Functions of one kind are placed below each other,
/// and a PF is in one cluster with its VFs.
public enum GraphDOT {
  /// The DOT source of a directed graph from root ports to guests.
  public static func text(_ topology: Topology) -> String {
    let words = GraphLabels(topology: topology)
    var result = """
      digraph \(quoted(topology.host)) {
        graph [rankdir=LR, newrank=true, nodesep=0.15, ranksep=0.6, fontname="sans-serif"];
        node [shape=box, style="rounded,filled", fillcolor="#f6f8fa", color="#818b98", fontname="sans-serif", \
      fontsize=11];
        edge [color="#818b98", fontname="sans-serif", fontsize=10];

      """
    let notes = ([topology.host] + words.notes).map(quotedPart).joined(separator: "\\l") + "\\l"
    result += "  label=\"\(notes)\";\n  labelloc=t;\n  labeljust=l;\n"
    result += nodes(topology)
    for (index, guest) in topology.guests.enumerated() {
      let text = label(nil, [GraphLabels.title(guest), GraphLabels.detail(guest)])
      result +=
        "  \(GraphLabels.id(guest: index)) [label=\(text), color=\"\(color(index))\"\(style(GraphGuestState(guest)))];\n"
    }
    for function in topology.functions.reversed() {
      guard let parent = function.parent else { continue }
      let isNew = function.change == .added || function.change == .removed
      result += "  \(GraphLabels.id(parent)) -> \(GraphLabels.id(function.address)) "
      result += "[arrowhead=none\(line(isNew ? function.change : nil))];\n"
    }
    for holding in topology.holdings {
      result += "  \(GraphLabels.id(holding.function)) -> \(GraphLabels.id(guest: holding.guest)) "
      result += "[label=\(label(holding.change, [words.label(holding)]))"
      result += holding.change == nil ? ", color=\"\(color(holding.guest))\"" : line(holding.change)
      result += "];\n"
    }
    return result + ranks(topology) + "}\n"
  }

  /// The functions, each PF that has VFs in a cluster with them. Graphviz draws the nodes of a cluster from
  /// bottom to top, so that the last VF comes first.
  private static func nodes(_ topology: Topology) -> String {
    let parts = Dictionary(grouping: topology.functions.filter { $0.role == .virtualFunction }, by: \.parent)
    let held = Set(topology.holdings.filter { !$0.before.isEmpty }.map(\.function))
    let wrap = TextWrap(width: 48)
    func node(_ function: TopologyFunction, _ indent: String) -> String {
      let facts = GraphFacts(function)
      let rows = [facts.main, facts.hardware, facts.settings, facts.uses, facts.refusals]
      let state = GraphNICState(function, isHeld: held.contains(function.address))
      let text = label(
        function.change,
        [GraphLabels.title(function)]
          + rows.flatMap { wrap.lines(of: $0.map { printable($0) }, separator: " · ") })
      return
        "\(indent)\(GraphLabels.id(function.address)) [label=\(text)\(fill(state))\(line(function.change, isBox: true))];\n"
    }
    let clustered = Set(parts.keys.compactMap { $0 })
    var result = ""
    for function in topology.functions {
      if let own = parts[function.address] {
        result += "  subgraph cluster_\(GraphLabels.id(function.address)) {\n"
        result += "    label=\"\"; style=rounded; color=\"#b6bec8\";\n"
        result += node(function, "    ") + own.reversed().map { node($0, "    ") }.joined() + "  }\n"
      } else if function.role != .virtualFunction || !(function.parent.map(clustered.contains) ?? false) {
        result += node(function, "  ")
      }
    }
    return result
  }

  private static func ranks(_ topology: Topology) -> String {
    /// Invisible edges keep the order within a rank.
    func rank(_ kind: String, _ ids: [String], isOrdered: Bool = true) -> String {
      ids.isEmpty
        ? ""
        : "  { rank=\(kind); \(ids.joined(separator: isOrdered ? " -> " : "; "))"
          + "\(isOrdered && ids.count > 1 ? " [style=invis]" : ""); }\n"
    }
    func ids(_ isShown: (TopologyFunction) -> Bool) -> [String] {
      topology.functions.filter(isShown).map { GraphLabels.id($0.address) }
    }
    return rank("same", ids { $0.role == .port && $0.parent == nil })
      + rank("same", ids { $0.role == .nic || $0.role == .other })
      + rank("same", ids { $0.role == .virtualFunction }, isOrdered: false)
      + rank("max", topology.guests.indices.map { GraphLabels.id(guest: $0) }, isOrdered: false)
  }

  private static func color(_ guest: Int) -> String {
    GraphPalette.colors[guest % GraphPalette.colors.count].light
  }

  private static func fill(_ state: GraphNICState) -> String {
    switch state {
    case .host: ", fillcolor=\"#fff1d6\", color=\"#8a5a00\""
    case .assigned: ", fillcolor=\"#dfe5ec\""
    case .idle, .unknown: ", fillcolor=\"#ffffff\""
    case .split, .port: ""
    }
  }

  private static func style(_ state: GraphGuestState) -> String {
    switch state {
    case .running, .paused: ", fillcolor=\"#eef1f4\", penwidth=2"
    case .off: ", style=\"rounded,dashed\", penwidth=2"
    case .undefined, .unknown: ", style=\"rounded,dotted\", penwidth=2"
    }
  }

  private static func line(_ change: PlannedChange?, isBox: Bool = false) -> String {
    switch change {
    case .added: ", color=\"#1a7f37\", fontcolor=\"#1a7f37\", penwidth=2"
    case .removed:
      ", color=\"#cf222e\", fontcolor=\"#cf222e\", penwidth=2, style=\"\(isBox ? "rounded," : "")dashed\""
    case .changed: ", color=\"#9a6700\", fontcolor=\"#9a6700\", penwidth=3"
    case .refused:
      ", color=\"#8250df\", fontcolor=\"#8250df\", penwidth=2, style=\"\(isBox ? "rounded," : "")dotted\""
    case nil: ""
    }
  }

  private static func label(_ change: PlannedChange?, _ lines: [String]) -> String {
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
