import Planning

/// The boxes of an SVG.
enum GraphShapes {
  static func text(_ box: GraphBox) -> String {
    var result = "<g class=\"\(name(box.look))\(GraphSVG.kind(box.change))\">"
    result += "<title>\(GraphSVG.escaped(box.whole))</title>"
    result += rect(box.x, box.y, box.width, box.height, radius: box.isGuest ? 14 : 6)
    if let change = box.change {
      result +=
        "<path class=\"strip\" d=\"M\(box.x + 6) \(box.y)h\(GraphBox.strip - 6)v\(box.height)h\(6 - GraphBox.strip)"
      result += "q-6 0 -6 -6v\(12 - box.height)q0 -6 6 -6z\"/>"
      let x = box.x + GraphBox.strip / 2
      result += GraphSVG.text("sign", x, box.y + GraphBox.entry + 5, GraphLabels.sign(change))
    }
    for line in box.lines {
      let x = box.x + line.x + (line.isAtEdge ? line.width : 0)
      result += GraphSVG.text(
        "\(line.role)\(line.isAtEdge ? " edge" : "")\(GraphSVG.kind(line.change))", x, box.y + line.y,
        line.text)
    }
    return result + "</g>\n"
  }

  static func rect(_ x: Int, _ y: Int, _ width: Int, _ height: Int, radius: Int) -> String {
    "<rect class=\"frame\" x=\"\(x)\" y=\"\(y)\" width=\"\(width)\" height=\"\(height)\" rx=\"\(radius)\"/>"
  }

  static func name(_ look: GraphBox.Look) -> String {
    switch look {
    case .nic(let state): "nic \(state.rawValue)"
    case .guest(let state): "guest \(state.rawValue)"
    }
  }
}

/// The legend of an SVG: the states and changes that occur in the picture, in as many rows as
/// needed.
struct GraphLegend {
  private struct LegendEntry {
    let symbol: (_ x: Int, _ y: Int) -> String
    let text: String
    let kind: String
    var x = 0
    var row = 0
  }

  private var entries: [LegendEntry] = []
  private static let symbol = 30
  private static let row = 20

  /// - Parameter room: the largest width of a row.
  init(_ layout: GraphLayout, _ words: GraphLabels, room: Int) {
    let looks = layout.boxes.map(\.look)
    for state in GraphNICState.allCases where looks.contains(.nic(state)) {
      if let text = state.legend { add(.nic(state), text) }
    }
    for state in GraphGuestState.allCases where looks.contains(.guest(state)) {
      add(.guest(state), state.legend)
    }
    for (change, meaning) in words.legend {
      entries.append(
        LegendEntry(
          symbol: { "<path class=\"branch\(GraphSVG.kind(change))\" d=\"M\($0) \($1)h22\"/>" },
          text: "\(GraphLabels.sign(change)) \(meaning)", kind: "holding" + GraphSVG.kind(change)))
    }
    var (x, row) = (0, 0)
    for index in entries.indices {
      let width = Self.symbol + GraphFont.detail.width(entries[index].text)
      if x > 0, x + width > room { (x, row) = (0, row + 1) }
      entries[index].x = GraphLayout.margin + x
      entries[index].row = row
      x += width + 20
    }
  }

  private mutating func add(_ look: GraphBox.Look, _ text: String) {
    let isGuest = if case .guest = look { true } else { false }
    entries.append(
      LegendEntry(
        symbol: { x, y in
          "<g class=\"\(GraphShapes.name(look)) \(GraphPalette.name(0))\">"
            + GraphShapes.rect(x, y - 7, 24, 14, radius: isGuest ? 7 : 3) + "</g>"
        }, text: text, kind: "key"))
  }

  var height: Int { entries.isEmpty ? 0 : ((entries.last?.row ?? 0) + 1) * Self.row }

  func text(below y: Int) -> String {
    entries.map { entry in
      let middle = y + entry.row * Self.row + 10
      return entry.symbol(entry.x, middle)
        + GraphSVG.text(entry.kind, entry.x + Self.symbol, middle + 4, entry.text) + "\n"
    }.joined()
  }
}
