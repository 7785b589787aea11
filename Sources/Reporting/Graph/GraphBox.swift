import Documents
import HostModel
import Planning

/// A box of a picture with its texts, in pixels. The box is as large as its texts need.
struct GraphBox {
  enum Look: Equatable {
    case nic(GraphNICState)
    case guest(GraphGuestState)
  }

  /// One line of text. `x` and `y` are the start of its baseline, from the upper left corner of the box.
  struct BoxLine {
    enum TextRole { case title, detail, use, refusal, holding }

    let text: String
    let role: TextRole
    var x = 0
    var y = 0
    /// The planned change of the assignment that the line describes.
    var change: PlannedChange?
    /// Whether the text ends at the right edge of the box.
    var isAtEdge = false

    var font: GraphFont { role == .title ? .title : .detail }
    var width: Int { font.width(text) }
  }

  let look: Look
  /// The tooltip.
  let whole: String
  let change: PlannedChange?
  private(set) var lines: [BoxLine] = []
  /// The heights at which lines from or to other boxes meet this one, in the order of its assignments.
  private(set) var ends: [Int] = []
  var x = 0
  var y = 0
  /// The width of the column, which may be wider than the texts.
  private(set) var width = 0
  private(set) var height = 0

  /// The height at which the line from the parent meets the box.
  static let entry = 14
  static let padding = (x: 12, y: 6)
  /// The width of the strip that contains the sign of a change.
  static let strip = 18

  /// An assignment, as a box shows it.
  struct BoxHolding {
    let text: String
    let change: PlannedChange?
  }

  /// - Parameter isHeld: whether a guest has the function now.
  init(_ function: TopologyFunction, isHeld: Bool, ends: [BoxHolding]) {
    look = .nic(GraphNICState(function, isHeld: isHeld))
    whole = GraphLabels.whole(function)
    change = function.change
    if look == .nic(.port) {
      add([BoxLine(text: function.address.description, role: .detail)])
    } else {
      addFacts(function, ends, room: 262)
    }
    height += 2 * Self.padding.y
    width = needed
  }

  init(_ guest: TopologyGuest, ends: [BoxHolding]) {
    look = .guest(GraphGuestState(guest))
    whole = "\(GraphLabels.title(guest)): \(GraphLabels.detail(guest))"
    change = nil
    let room = 196
    add(Self.wrapped(GraphLabels.title(guest), .title, room))
    add(Self.wrapped(GraphLabels.detail(guest), .detail, room))
    for end in ends { add(end, room) }
    height += 2 * Self.padding.y
    width = needed
  }

  var isGuest: Bool { if case .guest = look { true } else { false } }

  /// The x coordinate of the texts.
  var start: Int { Self.padding.x + (change == nil ? 0 : Self.strip) }

  /// Widens the box to its column.
  mutating func widen(to width: Int) {
    self.width = width
    for index in lines.indices where lines[index].isAtEdge {
      lines[index].x = width - Self.padding.x - lines[index].width
    }
  }

  private var needed: Int {
    lines.reduce(0) { max($0, $1.x + $1.width) } + Self.padding.x
  }

  private mutating func addFacts(_ function: TopologyFunction, _ all: [BoxHolding], room: Int) {
    let facts = GraphFacts(function)
    let title = Self.wrapped(GraphLabels.title(function), .title, room)
    add(title)
    var rest = all
    // The only guest is written in the line of the title where both fit, to limit the height of a
    // picture of many VFs.
    if let only = all.first, all.count == 1, let first = title.first, title.count == 1 {
      let text = GraphLabels.signed(only.change, only.text)
      let line = BoxLine(text: text, role: .holding, y: Self.entry + 4, change: only.change)
      if first.width + 20 + line.width <= room {
        add(line, behind: first)
        rest = []
      }
    }
    let words = (facts.main + facts.hardware + facts.settings).map { printable($0) }
    add(
      TextWrap(pixels: room, .detail).lines(of: words, separator: " · ").map {
        BoxLine(text: $0, role: .detail)
      }
    )
    if !facts.uses.isEmpty {
      add(Self.wrapped(printable(facts.uses.joined(separator: ", ")), .use, room))
    }
    if !facts.refusals.isEmpty {
      add(Self.wrapped(printable("✗ " + facts.refusals.joined(separator: ", ")), .refusal, room))
    }
    for end in rest { add(BoxHolding(text: "→ " + end.text, change: end.change), room) }
  }

  private static func wrapped(_ text: String, _ role: BoxLine.TextRole, _ room: Int) -> [BoxLine] {
    let font: GraphFont = role == .title ? .title : .detail
    return TextWrap(pixels: room, font).lines(text).map { BoxLine(text: $0, role: role) }
  }

  private mutating func add(_ texts: [BoxLine]) {
    for var line in texts {
      line.x = start
      line.y = Self.padding.y + height + line.font.line - 4
      height += line.font.line
      lines.append(line)
    }
  }

  /// Adds the line of an assignment, at whose height a line leaves or meets the box.
  private mutating func add(_ end: BoxHolding, _ room: Int) {
    ends.append(Self.padding.y + height + 8)
    let text = GraphLabels.signed(end.change, end.text)
    add(
      Self.wrapped(text, .holding, room).map {
        var line = $0
        line.change = end.change
        return line
      })
  }

  private mutating func add(_ line: BoxLine, behind title: BoxLine) {
    var line = line
    line.x = title.width + start + 20
    line.isAtEdge = true
    lines.append(line)
    ends.append(Self.entry)
  }
}
