import Documents
import Planning

/// The topology of a host as a self-contained SVG without scripts, fonts or other external resources. It
/// follows the light or dark scheme of the viewer. Changes differ in colour, line style and sign, and states
/// in fill and border, so that colour is not needed to tell them apart.
public enum GraphSVG {
  /// The SVG document. Its description is the tree of `GraphText`, for screen readers.
  public static func text(_ topology: Topology) -> String {
    let layout = GraphLayout(topology)
    let words = GraphLabels(topology: topology)
    let width = max(layout.size.width, 480)
    let room = width - 2 * GraphLayout.margin
    let host = TextWrap(pixels: room, .host).lines(printable(topology.host))
    var y = 14
    var head = ""
    for line in host {
      y += 22
      head += text("name", GraphLayout.margin, y, line) + "\n"
    }
    let legend = GraphLegend(layout, words, room: room)
    head += legend.text(below: y + 10)
    y += 24 + legend.height
    let notes = words.notes + [words.nothing].compactMap { $0 }
    let tail = notes.flatMap { TextWrap(pixels: room, .detail).lines($0) }.enumerated().map { number, line in
      text("note", GraphLayout.margin, y + layout.size.height + 14 + number * 17, line) + "\n"
    }
    let height = y + layout.size.height + 10 + tail.count * 17
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" viewBox="0 0 \(width) \(height)" \
      role="img" aria-labelledby="graph-title graph-description">
      <title id="graph-title">The NICs of \(escaped(printable(topology.host))) and the guests that have them</title>
      <desc id="graph-description">\(escaped(GraphText(style: .plain).text(topology)))</desc>
      <style>
      \(GraphStyle.text(colors: layout.guests.count))</style>
      <rect class="page" width="100%" height="100%"/>
      \(head)<g transform="translate(0 \(y))">
      \(columns(layout))\(branches(layout))\(boxes(layout))</g>
      \(tail.joined())</svg>

      """
  }

  private static func columns(_ layout: GraphLayout) -> String {
    layout.columns.filter { $0.width > 0 }.map { text("column", $0.x, 12, $0.title) + "\n" }.joined()
  }

  private static func branches(_ layout: GraphLayout) -> String {
    layout.branches.map { branch in
      let (from, to) = (layout.boxes[branch.from], layout.boxes[branch.to])
      let (x, y) = (from.x + from.width, from.y + GraphBox.entry)
      let end = to.y + GraphBox.entry
      let corner = to.x - GraphLayout.gap.x / 2
      let path =
        y == end
        ? "M\(x) \(y)H\(to.x)"
        : "M\(x) \(y)H\(corner - 8)q8 0 8 8V\(end - 8)q0 8 8 8H\(to.x)"
      return "<path class=\"branch\(kind(branch.change))\" d=\"\(path)\"/>\n"
    }.joined()
  }

  /// The boxes. A guest, its links and the functions that it alone has are one group, which is highlighted as
  /// a whole.
  private static func boxes(_ layout: GraphLayout) -> String {
    let links = Dictionary(grouping: layout.links, by: \.to)
    let owners = Dictionary(grouping: layout.links, by: \.from)
    var result = ""
    for (number, guest) in layout.guests.enumerated() {
      let mine = links[guest] ?? []
      result += "<g class=\"flow \(GraphPalette.name(number))\">\n"
      for link in mine { result += text(link, layout) }
      for link in mine where owners[link.from]?.count == 1 {
        result += GraphShapes.text(layout.boxes[link.from])
      }
      result += GraphShapes.text(layout.boxes[guest])
      for link in mine { result += dots(link, layout) }
      result += "</g>\n"
    }
    let guests = Set(layout.guests)
    for (index, box) in layout.boxes.enumerated()
    where !guests.contains(index) && owners[index]?.count != 1 {
      result += GraphShapes.text(box)
    }
    return result
  }

  private static func text(_ link: GraphLayout.GraphLink, _ layout: GraphLayout) -> String {
    let (from, to) = (layout.boxes[link.from], layout.boxes[link.to])
    let (start, end) = (from.x + from.width, to.x)
    let middle = (layout.bend + end) / 2
    let path =
      "M\(start) \(link.start)H\(layout.bend)C\(middle) \(link.start) \(middle) \(link.end) \(end) \(link.end)"
    let title =
      "\(from.lines.first?.text ?? "") → \(GraphLabels.signed(link.change, link.label))"
      + (link.because.map { " · " + $0 } ?? "")
    return "<path class=\"reach\" d=\"\(path)\"><title>\(escaped(title))</title></path>"
      + "<path class=\"link\(kind(link.change))\" d=\"\(path)\"/>\n"
  }

  /// The points at the ends of a link.
  private static func dots(_ link: GraphLayout.GraphLink, _ layout: GraphLayout) -> String {
    let from = layout.boxes[link.from]
    return [(from.x + from.width, link.start), (layout.boxes[link.to].x, link.end)].map {
      "<circle class=\"dot\" cx=\"\($0)\" cy=\"\($1)\" r=\"3.5\"/>"
    }.joined() + "\n"
  }

  static func kind(_ change: PlannedChange?) -> String { change.map { " " + $0.rawValue } ?? "" }

  static func text(_ kind: String, _ x: Int, _ y: Int, _ text: String) -> String {
    "<text class=\"\(kind)\" x=\"\(x)\" y=\"\(y)\">\(escaped(text))</text>"
  }

  /// Escapes text for XML. The text is printable, so it has no character that XML cannot represent.
  static func escaped(_ text: String) -> String { xmlEscaped(text, for: .characterData) ?? "" }
}
