/// The style sheet of an SVG. `currentColor` is the colour of a guest.
enum GraphStyle {
  /// - Parameter colors: how many guests need a colour.
  static func text(colors count: Int) -> String {
    let colors = GraphPalette.colors.prefix(count).enumerated()
    func palette(_ isLight: Bool) -> String {
      colors.map { index, color in
        ".\(GraphPalette.name(index)) { color: \(isLight ? color.light : color.dark); }\n"
      }.joined()
    }
    return shapes + light + palette(true) + "@media (prefers-color-scheme: dark) {\n" + dark
      + palette(false) + "}\n"
  }

  private static let shapes = """
    text { font-family: ui-monospace, 'DejaVu Sans Mono', 'Liberation Mono', Menlo, Consolas, monospace; font-size: 11px; }
    .name { font-size: 17px; font-weight: bold; }
    .title { font-size: 12.5px; font-weight: bold; }
    .holding, .use, .refusal { font-weight: bold; }
    .edge { text-anchor: end; }
    .sign { font-size: 15px; font-weight: bold; text-anchor: middle; }
    .frame { stroke-width: 1.2; pointer-events: all; }
    .host .frame { stroke-width: 2; }
    .idle .frame, .unknown .frame, .off .frame, .undefined .frame { fill: none; }
    .off .frame { stroke-dasharray: 5 3; }
    .unknown .frame, .undefined .frame { stroke-dasharray: 1.5 3; stroke-linecap: round; }
    .guest .frame { stroke: currentColor; stroke-width: 1.8; }
    .running .frame { fill: currentColor; fill-opacity: 0.16; }
    .paused .frame { fill: currentColor; fill-opacity: 0.06; stroke-dasharray: 10 3; }
    .assigned .frame { fill: currentColor; fill-opacity: 0.12; stroke: currentColor; }
    .branch, .link, .reach { fill: none; }
    .branch { stroke-width: 1.4; }
    .branch.added, .branch.removed, .branch.changed, .branch.refused { stroke-width: 2.4; }
    .link { stroke: currentColor; stroke-width: 2; }
    .link.added, .link.removed, .link.changed, .link.refused { stroke-width: 3; }
    .reach { stroke: transparent; stroke-width: 12; }
    .dot, .flow .holding { fill: currentColor; }
    .strip, .sign { stroke: none; }
    .added .frame, .removed .frame, .changed .frame, .refused .frame { stroke-width: 2.2; }
    .removed, .removed .frame { stroke-dasharray: 7 4; }
    .changed, .changed .frame { stroke-dasharray: 12 3 3 3; }
    .refused, .refused .frame { stroke-dasharray: 2 3; }
    .flow:hover .link { stroke-width: 5; }
    .flow:hover .frame { stroke-width: 3; }
    svg:has(.flow:hover) .flow:not(:hover) { opacity: 0.25; }

    """

  private static let light = theme(
    Theme(
      page: GraphPalette.light, text: "#1f2328", faint: "#59636e", line: "#818b98", fill: "#eef1f4",
      host: "#fff1d6", hostLine: "#8a5a00",
      added: "#1a7f37", removed: "#cf222e", changed: "#9a6700", refused: "#8250df"))

  private static let dark = theme(
    Theme(
      page: GraphPalette.dark, text: "#e6edf3", faint: "#9ea7b3", line: "#6b7480", fill: "#161b22",
      host: "#33270f", hostLine: "#d9a53f",
      added: "#3fb950", removed: "#ff6a61", changed: "#d29922", refused: "#b48bff"))

  private struct Theme {
    let page, text, faint, line, fill: String
    let host, hostLine: String
    let added, removed, changed, refused: String
  }

  private static func theme(_ theme: Theme) -> String {
    let changes = [
      ("added", theme.added), ("removed", theme.removed), ("changed", theme.changed),
      ("refused", theme.refused),
    ]
    return """
      svg { color: \(theme.line); }
      text { fill: \(theme.text); }
      .page, .sign { fill: \(theme.page); }
      .column, .detail, .key { fill: \(theme.faint); }
      .frame { fill: \(theme.fill); stroke: \(theme.line); }
      .host .frame { fill: \(theme.host); stroke: \(theme.hostLine); }
      .use { fill: \(theme.hostLine); }
      .branch { stroke: \(theme.line); }
      .refusal { fill: \(theme.refused); }

      """
        + changes.map { name, color in
          ".\(name) .frame, .branch.\(name) { stroke: \(color); }\n"
            + ".\(name) .strip, .holding.\(name), .flow .holding.\(name) { fill: \(color); }\n"
        }.joined()
  }
}
