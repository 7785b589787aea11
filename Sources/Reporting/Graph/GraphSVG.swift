import Documents
import Planning

/// The topology of a host as a self-contained SVG without scripts, fonts or other external resources. It
/// follows the light or dark scheme of the viewer. Changes differ in colour, line style and sign, so that
/// colour is not needed to tell them apart.
public enum GraphSVG {
  /// The SVG document. Its description is the tree of `GraphText`, for screen readers.
  public static func text(_ topology: Topology) -> String {
    let layout = GraphLayout(topology)
    let words = GraphLabels(topology: topology)
    let legend = legend(words)
    let notes = words.notes
    let width = max(layout.size.width, legend.width, 360)
    let height = layout.size.height + 12 + (notes.isEmpty ? 0 : notes.count * 18 + 12)
    var result = """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" viewBox="0 0 \(width) \(height)" \
      role="img" aria-labelledby="graph-title graph-description">
      <title id="graph-title">The NICs of \(escaped(printable(topology.host))) and the guests that have them</title>
      <desc id="graph-description">\(escaped(GraphText(style: .plain).text(topology)))</desc>
      <style>
      \(style)</style>
      <rect class="page" width="100%" height="100%"/>
      <text class="host" x="\(GraphLayout.margin)" y="34">\(escaped(cut(printable(topology.host), to: 40)))</text>
      \(legend.text)
      """
    for column in layout.columns where column.width > 0 {
      result += "<text class=\"column\" x=\"\(column.x)\" y=\"64\">\(column.title)</text>\n"
    }
    for branch in layout.branches { result += text(branch, layout) }
    for arrow in layout.arrows { result += text(arrow, layout) }
    for box in layout.boxes { result += text(box) }
    if let nothing = words.nothing {
      result += "<text class=\"note\" x=\"\(GraphLayout.margin)\" y=\"64\">\(nothing)</text>\n"
    }
    for (number, note) in notes.enumerated() {
      let y = layout.size.height + 16 + number * 18
      let shown = cut(note, to: (width - 2 * GraphLayout.margin) / GraphLayout.detail)
      result += "<text class=\"note\" x=\"\(GraphLayout.margin)\" y=\"\(y)\">\(escaped(shown))"
      result += "<title>\(escaped(note))</title></text>\n"
    }
    return result + "</svg>\n"
  }

  private static func text(_ branch: GraphLayout.Branch, _ layout: GraphLayout) -> String {
    let (from, to) = (layout.boxes[branch.from], layout.boxes[branch.to])
    let (x, y) = (from.x + from.width, from.y + GraphLayout.boxHeight / 2)
    let (endX, endY) = (to.x, to.y + GraphLayout.boxHeight / 2)
    let corner = x + 22
    let path =
      y == endY
      ? "M\(x) \(y)H\(endX)"
      : "M\(x) \(y)H\(corner - 8)Q\(corner) \(y) \(corner) \(y + 8)V\(endY - 8)"
        + "Q\(corner) \(endY) \(corner + 8) \(endY)H\(endX)"
    return "<path class=\"line\(kind(branch.change))\" d=\"\(path)\"/>\n"
  }

  private static func text(_ arrow: GraphLayout.Arrow, _ layout: GraphLayout) -> String {
    let (from, to) = (layout.boxes[arrow.from], layout.boxes[arrow.to])
    let x = from.x + from.width
    let (bend, end) = (layout.bend, to.x - 7)
    let middle = (bend + end) / 2
    let label = GraphLabels.signed(arrow.change, arrow.label)
    let path =
      "M\(x) \(arrow.start)H\(bend)C\(middle) \(arrow.start) \(middle) \(arrow.end) \(end) \(arrow.end)"
    return "<path class=\"line\(kind(arrow.change))\" d=\"\(path)\"/>\n"
      + "<path class=\"tip\(kind(arrow.change))\" d=\"M\(end) \(arrow.end - 4)l7 4l-7 4z\"/>\n"
      + "<text class=\"label\(kind(arrow.change))\" x=\"\(x + 8)\" y=\"\(arrow.start - 5)\">"
      + "\(escaped(cut(label, to: GraphLayout.labelled)))<title>\(escaped("\(label): \(from.title) → \(to.title)"))</title></text>\n"
  }

  private static func text(_ box: GraphLayout.Box) -> String {
    let radius = box.isGuest ? GraphLayout.boxHeight / 2 : 6
    let strip = box.change == nil ? 0 : GraphLayout.strip
    let x = box.x + strip + GraphLayout.padding
    // The text of a function is at the height of the line that leads to it.
    let y = box.isGuest ? box.y + (box.height - GraphLayout.boxHeight) / 2 : box.y
    let room = box.width - strip - 2 * GraphLayout.padding
    var result = "<g><title>\(escaped(box.whole))</title>"
    result += "<rect class=\"box\(kind(box.change))\" x=\"\(box.x)\" y=\"\(box.y)\" width=\"\(box.width)\" "
    result += "height=\"\(box.height)\" rx=\"\(radius)\"/>"
    if let change = box.change {
      result +=
        "<path class=\"strip\(kind(change))\" d=\"M\(box.x + 6) \(box.y)h\(strip - 6)v\(box.height)h\(6 - strip)"
      result += "q-6 0 -6 -6v\(12 - box.height)q0 -6 6 -6z\"/>"
      result += "<text class=\"sign\" x=\"\(box.x + strip / 2)\" y=\"\(y + GraphLayout.boxHeight / 2 + 5)\">"
      result += "\(GraphLabels.sign(change))</text>"
    }
    result += "<text class=\"title\" x=\"\(x)\" y=\"\(y + 17)\">"
    result += "\(escaped(cut(box.title, to: room / GraphLayout.character)))</text>"
    result += "<text class=\"detail\" x=\"\(x)\" y=\"\(y + 32)\">"
    return result + "\(escaped(cut(box.detail, to: room / GraphLayout.detail)))</text></g>\n"
  }

  /// The legend of the signs, beside the name of the host.
  private static func legend(_ words: GraphLabels) -> (text: String, width: Int) {
    var text = ""
    var x = GraphLayout.margin + min(textWidth(printable(words.topology.host)), 40) * 11 + 32
    for (change, meaning) in words.legend {
      text += "<path class=\"line\(kind(change))\" d=\"M\(x) 29h28\"/>"
      text +=
        "<text class=\"label\(kind(change))\" x=\"\(x + 36)\" y=\"33\">\(GraphLabels.sign(change)) \(meaning)</text>\n"
      x += 36 + (meaning.count + 2) * GraphLayout.detail + 20
    }
    return (text, x)
  }

  private static func kind(_ change: PlannedChange?) -> String { change.map { " " + $0.rawValue } ?? "" }

  /// Escapes text for XML. The text is printable, so it has no character that XML cannot represent.
  private static func escaped(_ text: String) -> String { xmlEscaped(text, for: .characterData) ?? "" }

  private static let style = """
    text { font-family: ui-monospace, 'DejaVu Sans Mono', 'Liberation Mono', Menlo, Consolas, monospace; fill: #1f2328; }
    .page { fill: #ffffff; }
    .host { font-size: 17px; font-weight: bold; }
    .column, .note { font-size: 11px; }
    .column, .detail { fill: #59636e; }
    .title { font-size: 12.5px; font-weight: bold; }
    .detail, .label { font-size: 11px; }
    .sign { font-size: 15px; font-weight: bold; text-anchor: middle; fill: #ffffff; }
    .box { fill: #f6f8fa; stroke: #818b98; }
    .line { fill: none; stroke: #818b98; stroke-width: 1.5; }
    .tip { fill: #818b98; }
    .box.comes, .box.goes, .box.changes, .box.refused { stroke-width: 2; }
    .line.comes, .line.goes, .line.changes, .line.refused { stroke-width: 2.5; }
    .goes { stroke-dasharray: 7 4; }
    .changes { stroke-dasharray: 12 3 3 3; }
    .refused { stroke-dasharray: 2 3; }
    .tip, .strip, .label { stroke: none; }
    .label.comes, .label.goes, .label.changes, .label.refused { font-weight: bold; }
    .box.comes, .line.comes { stroke: #1a7f37; }
    .tip.comes, .strip.comes, .label.comes { fill: #1a7f37; }
    .box.goes, .line.goes { stroke: #cf222e; }
    .tip.goes, .strip.goes, .label.goes { fill: #cf222e; }
    .box.changes, .line.changes { stroke: #9a6700; }
    .tip.changes, .strip.changes, .label.changes { fill: #9a6700; }
    .box.refused, .line.refused { stroke: #8250df; }
    .tip.refused, .strip.refused, .label.refused { fill: #8250df; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      .page { fill: #0d1117; }
      .column, .detail { fill: #9198a1; }
      .sign { fill: #0d1117; }
      .box { fill: #161b22; stroke: #656c76; }
      .line { stroke: #656c76; }
      .tip { fill: #656c76; }
      .box.comes, .line.comes { stroke: #3fb950; }
      .tip.comes, .strip.comes, .label.comes { fill: #3fb950; }
      .box.goes, .line.goes { stroke: #f85149; }
      .tip.goes, .strip.goes, .label.goes { fill: #f85149; }
      .box.changes, .line.changes { stroke: #d29922; }
      .tip.changes, .strip.changes, .label.changes { fill: #d29922; }
      .box.refused, .line.refused { stroke: #ab7df8; }
      .tip.refused, .strip.refused, .label.refused { fill: #ab7df8; }
    }

    """
}
