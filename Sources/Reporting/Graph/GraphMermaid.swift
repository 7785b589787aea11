import HostModel
import Planning

/// The topology of a host as a flowchart of Mermaid (https://mermaid.js.org/syntax/flowchart.html).
public enum GraphMermaid {
  /// The limits of Mermaid's default configuration, which GitHub uses: maxTextSize in characters and maxEdges
  /// (https://mermaid.js.org/config/schema-docs/config.html).
  private static let longest = 50_000
  private static let mostEdges = 500

  /// The whole topology, or as much of it as fits. The NICs that no guest has are left out first, then
  /// everything that the plan does not change, then the last functions.
  ///
  /// - Parameter size: the available space in bytes.
  /// - Returns: nil where not even one function fits.
  public static func text(_ topology: Topology, upTo size: Int = .max) -> String? {
    func fitting(_ topology: Topology) -> String? {
      let text = whole(topology)
      let edges = topology.holdings.count + topology.functions.filter { $0.parent != nil }.count
      return edges <= mostEdges && text.utf8.count <= min(size, longest) ? text : nil
    }
    if let text = fitting(topology) ?? fitting(topology.used) { return text }
    let last = topology.hasChanges ? topology.touched : topology.used
    if let text = fitting(last) { return text }
    let ends = last.functions.filter { $0.role != .port }.map(\.address)
    var best: String?
    var (low, high) = (1, ends.count)
    while low <= high {
      let middle = (low + high) / 2
      let some = Set(ends.prefix(middle))
      if let text = fitting(last.only { some.contains($0.address) }) {
        best = text
        low = middle + 1
      } else {
        high = middle - 1
      }
    }
    return best
  }

  /// Each line ends in a semicolon, because Mermaid's preprocessing removes the last line end of lines with
  /// certain words.
  private static func whole(_ topology: Topology) -> String {
    let words = GraphLabels(topology: topology)
    var nodes = ""
    var links = ""
    var marked: [PlannedChange: [String]] = [:]
    var drawn: [PlannedChange: [String]] = [:]
    var count = 0
    func link(_ from: String, _ arrow: String, _ to: String, _ change: PlannedChange?) {
      links += "  \(from) \(arrow) \(to);\n"
      if let change { drawn[change, default: []].append("\(count)") }
      count += 1
    }
    for function in topology.functions {
      let id = GraphLabels.id(function.address)
      nodes +=
        "  \(id)[\(label(function.change, GraphLabels.title(function), GraphLabels.detail(function)))];\n"
      if let change = function.change { marked[change, default: []].append(id) }
      if let parent = function.parent {
        let isNew = function.change == .added || function.change == .removed
        link(GraphLabels.id(parent), "---", id, isNew ? function.change : nil)
      }
    }
    for (index, guest) in topology.guests.enumerated() {
      let text = label(nil, GraphLabels.title(guest), GraphLabels.detail(guest))
      nodes += "  \(GraphLabels.id(guest: index))([\(text)]);\n"
    }
    for holding in topology.holdings {
      link(
        GraphLabels.id(holding.function), "-->|\(label(holding.change, words.label(holding)))|",
        GraphLabels.id(guest: holding.guest), holding.change)
    }
    for (index, note) in words.notes.prefix(8).enumerated() {
      nodes += "  n\(index)>\"\(escaped(cut(note, to: 160)))\"];\n"
    }
    if let nothing = words.nothing { nodes += "  n[\"\(nothing)\"];\n" }
    var styles = ""
    for change in PlannedChange.allCases {
      if let ids = marked[change] {
        styles += "  classDef \(change.rawValue) \(style(change));\n"
        styles += "  class \(ids.joined(separator: ",")) \(change.rawValue);\n"
      }
      if let numbers = drawn[change] {
        styles += "  linkStyle \(numbers.joined(separator: ",")) \(style(change));\n"
      }
    }
    return "flowchart LR;\n" + nodes + links + styles
  }

  /// The border of a changed box. Text and background remain those of the page, which may be light or dark.
  private static func style(_ change: PlannedChange) -> String {
    switch change {
    case .added: "stroke:#2da44e,stroke-width:3px"
    case .removed: "stroke:#e5534b,stroke-width:3px,stroke-dasharray:8 4"
    case .changed: "stroke:#bf8700,stroke-width:3px,stroke-dasharray:12 3 3 3"
    case .refused: "stroke:#a475f9,stroke-width:3px,stroke-dasharray:2 3"
    }
  }

  private static func label(_ change: PlannedChange?, _ lines: String...) -> String {
    let sign = change.map { escaped(GraphLabels.sign($0)) + " " } ?? ""
    return "\"" + sign + lines.map { escaped(cut($0, to: 80)) }.joined(separator: "<br/>") + "\""
  }

  /// Escapes each ASCII character that Mermaid, Markdown or HTML may interpret, by its number.
  private static func escaped(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", " ", ".", ",", ":", "-", "/", "(", ")":
        result.unicodeScalars.append(scalar)
      case _ where scalar.isASCII: result += "#\(scalar.value);"
      default: result.unicodeScalars.append(scalar)
      }
    }
  }
}
