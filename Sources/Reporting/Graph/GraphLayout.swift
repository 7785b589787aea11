import Documents
import HostModel
import Planning

/// The layout of a picture of a topology, in pixels. Each function has its own rows, so that no line crosses
/// a box. A guest is placed at the mean height of its functions.
struct GraphLayout {
  /// A line from a bridge to a function behind it, or from a PF to its VF.
  struct Branch {
    let from: Int
    let to: Int
    let change: PlannedChange?
  }

  /// A line from a function to a guest. `start` and `end` are its heights at the two boxes.
  struct GraphLink {
    let from: Int
    let to: Int
    let label: String
    /// Why the guest has the function, if that is not obvious.
    let because: String?
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
  /// The functions, then the guests.
  private(set) var boxes: [GraphBox] = []
  private(set) var branches: [Branch] = []
  private(set) var links: [GraphLink] = []
  /// The guests from top to bottom, as indices of `boxes`.
  private(set) var guests: [Int] = []
  private(set) var size = (width: 0, height: 0)
  /// The x coordinate at which links start to bend.
  private(set) var bend = 0

  static let margin = 16
  static let gap = (x: 30, y: 10)
  /// The height of the titles of the columns.
  static let heading = 24

  init(_ topology: Topology) {
    let words = GraphLabels(topology: topology)
    let count = topology.functions.count
    let places = Dictionary(topology.functions.enumerated().map { ($1.address, $0) }) { one, _ in one }
    for (index, function) in topology.functions.enumerated() {
      guard let parent = function.parent.flatMap({ places[$0] }) else { continue }
      let isNew = function.change == .added || function.change == .removed
      branches.append(Branch(from: parent, to: index, change: isNew ? function.change : nil))
    }
    for holding in topology.holdings {
      guard let from = places[holding.function] else { continue }
      links.append(
        GraphLink(
          from: from, to: count + holding.guest, label: words.label(holding),
          because: holding.assignment.map { printable($0.because) }, change: holding.change))
    }
    boxes = functionBoxes(topology)
    let depths = columnOfEachFunction(topology)
    placeFunctions(count)
    placeGuests(topology)
    placeColumns(depths + topology.guests.map { _ in columns.count - 1 })
  }

  private func functionBoxes(_ topology: Topology) -> [GraphBox] {
    let held = Dictionary(grouping: links.indices) { links[$0].from }
    let now = Set(topology.holdings.filter { !$0.before.isEmpty }.map(\.function))
    return topology.functions.enumerated().map { index, function in
      GraphBox(
        function, isHeld: now.contains(function.address),
        ends: (held[index] ?? []).map { link in
          let guest = topology.guests[links[link].to - topology.functions.count]
          return GraphBox.BoxHolding(text: GraphLabels.title(guest), change: links[link].change)
        })
    }
  }

  /// Makes the columns, and returns the column of each function.
  private mutating func columnOfEachFunction(_ topology: Topology) -> [Int] {
    let parents = Dictionary(branches.map { ($0.to, $0.from) }) { one, _ in one }
    var depths: [Int] = []
    for index in topology.functions.indices { depths.append(parents[index].map { depths[$0] + 1 } ?? 0) }
    let ports = topology.functions.indices.filter { topology.functions[$0].role == .port }
    let deepest = ports.map { depths[$0] + 1 }.max() ?? 0
    columns = (0..<deepest).map { GraphColumn(title: $0 == 0 ? "Root port" : "Bridge") }
    columns.append(GraphColumn(title: "NIC"))
    if topology.functions.contains(where: { $0.role == .virtualFunction }) {
      columns.append(GraphColumn(title: "Virtual function"))
    }
    columns.append(GraphColumn(title: "Guest"))
    return topology.functions.indices.map { index in
      switch topology.functions[index].role {
      case .port: depths[index]
      case .nic, .other: deepest
      case .virtualFunction: deepest + 1
      }
    }
  }

  private mutating func placeFunctions(_ count: Int) {
    let held = Dictionary(grouping: links.indices) { links[$0].from }
    let children = Dictionary(grouping: branches, by: \.from)
    let hasParent = Set(branches.map(\.to))
    /// Returns the lower end of the function and everything behind it.
    func place(_ index: Int, at y: Int) -> Int {
      boxes[index].y = y
      let mine = held[index] ?? []
      for (number, link) in mine.enumerated() { links[link].start = y + boxes[index].ends[number] }
      let bottom = y + boxes[index].height
      // A function without guests is placed at the height of the first function behind it.
      var next = mine.isEmpty ? y : bottom + Self.gap.y
      for branch in children[index] ?? [] { next = place(branch.to, at: next) + Self.gap.y }
      return max(bottom, next - Self.gap.y)
    }
    var y = Self.heading
    for index in 0..<count where !hasParent.contains(index) { y = place(index, at: y) + 2 * Self.gap.y }
    size.height = y
  }

  private mutating func placeGuests(_ topology: Topology) {
    let first = topology.functions.count
    var held = Dictionary(grouping: links.indices) { links[$0].to }
    for guest in held.keys { held[guest]?.sort { links[$0].start < links[$1].start } }
    boxes += topology.guests.indices.map { guest in
      GraphBox(
        topology.guests[guest],
        ends: (held[first + guest] ?? []).map { link in
          let function = topology.functions[links[link].from]
          return GraphBox.BoxHolding(
            text: "\(links[link].label) · \(function.address)", change: links[link].change)
        })
    }
    /// The upper edge at which the ends of the guest's links have the mean height of their starts.
    func ideal(_ guest: Int) -> Double? {
      guard let mine = held[guest] else { return nil }
      let distance = zip(mine, boxes[guest].ends).reduce(0) { $0 + links[$1.0].start - $1.1 }
      return Double(distance) / Double(mine.count)
    }
    let ideals = (first..<boxes.count).map { (guest: $0, y: ideal($0) ?? .infinity) }
      .sorted { ($0.y, $0.guest) < ($1.y, $1.guest) }
    guests = ideals.map(\.guest)
    let tops = GraphColumnFit.tops(
      ideals.map { ($0.y, boxes[$0.guest].height + Self.gap.y) }, from: Self.heading)
    for (guest, top) in zip(guests, tops) {
      boxes[guest].y = top
      for (number, link) in (held[guest] ?? []).enumerated() {
        links[link].end = top + boxes[guest].ends[number]
      }
      size.height = max(size.height, top + boxes[guest].height + Self.gap.y)
    }
  }

  private mutating func placeColumns(_ column: [Int]) {
    for (index, column) in column.enumerated() {
      columns[column].width = max(columns[column].width, boxes[index].width)
    }
    var x = Self.margin
    for index in columns.indices {
      if index == columns.count - 1, !links.isEmpty {
        // Many links need room to spread.
        bend = x - Self.gap.x + 10
        x = bend + min(64 + links.count * 5, 240)
      }
      columns[index].x = x
      if columns[index].width > 0 { x += columns[index].width + Self.gap.x }
    }
    for (index, column) in column.enumerated() {
      boxes[index].x = columns[column].x
      boxes[index].widen(to: columns[column].width)
    }
    size.width = max(x - Self.gap.x, 0) + Self.margin
  }
}

/// Places boxes of a column without overlaps, as near to their ideal places as possible.
enum GraphColumnFit {
  /// Returns the upper edges in the given order, for which the sum of the squares of the distances from the
  /// ideal edges is the smallest (isotonic regression by pooling adjacent violators).
  ///
  /// - Parameters:
  ///   - boxes: the ideal upper edges, ascending, and the heights with the gap below. An infinite edge is
  ///     directly after the box before it.
  ///   - top: the smallest upper edge.
  static func tops(_ boxes: [(ideal: Double, height: Int)], from top: Int) -> [Int] {
    var pools: [(mean: Double, count: Int)] = []
    var offset = 0
    var rest = 0
    for box in boxes {
      guard box.ideal.isFinite else {
        rest += 1
        continue
      }
      var pool = (mean: box.ideal - Double(offset), count: 1)
      while let last = pools.last, last.mean > pool.mean {
        let count = last.count + pool.count
        pool = (
          (last.mean * Double(last.count) + pool.mean * Double(pool.count)) / Double(count), count
        )
        pools.removeLast()
      }
      pools.append(pool)
      offset += box.height
    }
    if rest > 0 { pools.append((pools.last?.mean ?? Double(top), rest)) }
    var result: [Int] = []
    offset = 0
    var places = pools.lazy.flatMap { pool in repeatElement(pool.mean, count: pool.count) }.makeIterator()
    for box in boxes {
      let mean = places.next() ?? 0
      result.append(max(top, Int(mean.rounded(.down))) + offset)
      offset += box.height
    }
    return result
  }
}
