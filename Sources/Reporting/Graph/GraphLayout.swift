import HostModel
import Planning

/// The layout of a picture of a topology, in pixels. Each function has its own row, so that no line crosses a
/// box. A guest is placed at the height of its functions.
struct GraphLayout {
  struct Box {
    var x = 0
    var y = 0
    var width = 0
    var height = GraphLayout.boxHeight
    let title: String
    let detail: String
    /// The tooltip.
    let whole: String
    let change: PlannedChange?
    let isGuest: Bool
  }

  /// A line from a bridge to a function behind it, or from a PF to its VF.
  struct Branch {
    let from: Int
    let to: Int
    let change: PlannedChange?
  }

  /// An arrow from a function to a guest. `start` and `end` are its heights at the two boxes.
  struct Arrow {
    let from: Int
    let to: Int
    let label: String
    let change: PlannedChange?
    var start = 0
    var end = 0
  }

  struct GraphColumn {
    let title: String
    var x = 0
    var width = 0
  }

  private(set) var columns: [GraphColumn] = []
  private(set) var boxes: [Box] = []
  private(set) var branches: [Branch] = []
  private(set) var arrows: [Arrow] = []
  private(set) var size = (width: 0, height: 0)
  /// The x coordinate at which arrows start to bend.
  private(set) var bend = 0

  static let top = 76
  static let margin = 24
  /// The height of a box with two lines of text.
  static let boxHeight = 40
  /// The distance between the starts of two arrows of a box.
  static let spacing = 20
  private static let gap = (x: 44, y: 9)
  /// The width of a character in a title. No common fixed width font is wider at this size.
  static let character = 8
  /// The width of a character in smaller text.
  static let detail = 7
  static let padding = 12
  /// The width of the strip that contains the sign of a change.
  static let strip = 18
  /// The largest number of characters that determine the width of a box.
  private static let widest = 30
  /// The largest number of characters of an arrow's label.
  static let labelled = 28

  init(_ topology: Topology) {
    let words = GraphLabels(topology: topology)
    let places = Dictionary(topology.functions.enumerated().map { ($1.address, $0) }) { one, _ in one }
    boxes =
      topology.functions.map {
        Box(
          title: GraphLabels.title($0), detail: GraphLabels.detail($0), whole: GraphLabels.whole($0),
          change: $0.change, isGuest: false)
      }
      + topology.guests.map {
        let (title, detail) = (GraphLabels.title($0), GraphLabels.detail($0))
        return Box(title: title, detail: detail, whole: "\(title): \(detail)", change: nil, isGuest: true)
      }
    for (index, function) in topology.functions.enumerated() {
      guard let parent = function.parent.flatMap({ places[$0] }) else { continue }
      let isNew = function.change == .added || function.change == .removed
      branches.append(Branch(from: parent, to: index, change: isNew ? function.change : nil))
    }
    for holding in topology.holdings {
      guard let from = places[holding.function] else { continue }
      arrows.append(
        Arrow(
          from: from, to: topology.functions.count + holding.guest, label: words.label(holding),
          change: holding.change))
    }
    placeColumns(topology)
    placeFunctions(topology.functions.count)
    placeGuests(topology.functions.count)
  }

  private mutating func placeColumns(_ topology: Topology) {
    let parents = Dictionary(branches.map { ($0.to, $0.from) }) { one, _ in one }
    var depths: [Int] = []
    for index in topology.functions.indices { depths.append(parents[index].map { depths[$0] + 1 } ?? 0) }
    let ports = topology.functions.indices.filter { topology.functions[$0].role == .port }
    let deepest = ports.map { depths[$0] + 1 }.max() ?? 0
    let hasParts = topology.functions.contains { $0.role == .virtualFunction }
    columns = (0..<deepest).map { GraphColumn(title: $0 == 0 ? "Root port" : "Bridge") }
    columns.append(GraphColumn(title: "NIC"))
    if hasParts { columns.append(GraphColumn(title: "Virtual function")) }
    columns.append(GraphColumn(title: "Guest"))
    let of = boxes.indices.map { index -> Int in
      guard index < topology.functions.count else { return columns.count - 1 }
      switch topology.functions[index].role {
      case .port: return depths[index]
      case .nic, .other: return deepest
      case .virtualFunction: return deepest + 1
      }
    }
    for (index, column) in of.enumerated() {
      let box = boxes[index]
      let text = min(max(textWidth(box.title), textWidth(box.detail), 12), Self.widest)
      let width = text * Self.character + 2 * Self.padding + (box.change == nil ? 0 : Self.strip)
      columns[column].width = max(columns[column].width, width)
    }
    var x = Self.margin
    for column in columns.indices {
      if column == columns.count - 1, !arrows.isEmpty {
        let label = min(arrows.map { textWidth($0.label) + 2 }.max() ?? 0, Self.labelled)
        bend = x - Self.gap.x + label * Self.character + 8
        x = bend + 96
      }
      columns[column].x = x
      x += columns[column].width + Self.gap.x
    }
    for (index, column) in of.enumerated() {
      boxes[index].x = columns[column].x
      boxes[index].width = columns[column].width
    }
    size.width = x - Self.gap.x + Self.margin
  }

  private mutating func placeFunctions(_ count: Int) {
    let held = Dictionary(grouping: arrows.indices) { arrows[$0].from }
    let isParent = Set(branches.map(\.from))
    let hasParent = Set(branches.map(\.to))
    var y = Self.top
    for index in 0..<count {
      if index > 0, !hasParent.contains(index) { y += Self.gap.y }
      let mine = held[index] ?? []
      boxes[index].y = y
      boxes[index].height = max(Self.boxHeight, mine.count * Self.spacing + 4)
      for (number, arrow) in mine.enumerated() {
        arrows[arrow].start =
          y + (boxes[index].height - (mine.count - 1) * Self.spacing) / 2 + number * Self.spacing
      }
      // A function that only leads to others stands beside the first of them, and needs no row.
      if !isParent.contains(index) || !mine.isEmpty { y += boxes[index].height + Self.gap.y }
    }
    size.height = y
  }

  private mutating func placeGuests(_ first: Int) {
    let held = Dictionary(grouping: arrows.indices) { arrows[$0].to }
    func middle(_ guest: Int) -> Int {
      let starts = (held[guest] ?? []).map { arrows[$0].start }
      return starts.isEmpty ? Int.max / 2 : starts.reduce(0, +) / starts.count
    }
    let middles = (first..<boxes.count).map { (guest: $0, middle: middle($0)) }
    var y = Self.top
    for (guest, middle) in middles.sorted(by: { ($0.middle, $0.guest) < ($1.middle, $1.guest) }) {
      let mine = held[guest] ?? []
      let height = max(Self.boxHeight, (mine.count - 1) * 12 + 24)
      if middle < size.height { y = max(y, middle - height / 2) }
      boxes[guest].y = y
      boxes[guest].height = height
      for (number, arrow) in mine.enumerated() {
        arrows[arrow].end = y + (height - (mine.count - 1) * 12) / 2 + number * 12
      }
      y += height + Self.gap.y
    }
    size.height = max(size.height, y)
  }
}
