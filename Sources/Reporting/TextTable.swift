import Documents

/// A table of text for a terminal or a file.
struct TextTable {
  /// The title of a column, and how the column shrinks on a narrow terminal.
  struct Column {
    let title: String
    /// The order in which columns are left out, the highest number first. A column without a number stays.
    var dropOrder: Int?
    /// Whether the column is cut where leaving out columns is not enough.
    var isTruncatable = false
  }

  let columns: [Column]
  private(set) var rows: [[String]] = []

  init(_ columns: [Column]) { self.columns = columns }

  /// Adds a row with one cell for each column. The cells may be text from outside.
  mutating func add(_ cells: [String]) { rows.append(cells.map { printable($0) }) }

  /// The table. Where the width is too small for all columns, a line below it names those that are left out.
  ///
  /// - Parameter width: the width of the terminal in columns; nil means no limit.
  func text(_ style: Style, width: Int? = nil) -> String {
    var shown = used
    var widths = columns.indices.map { column in
      rows.reduce(textWidth(columns[column].title)) { max($0, textWidth($1[column])) }
    }
    if let width {
      func total() -> Int { shown.reduce(-2) { $0 + widths[$1] + 2 } }
      while total() > width,
        let last = shown.max(by: { (columns[$0].dropOrder ?? -1) < (columns[$1].dropOrder ?? -1) }),
        columns[last].dropOrder != nil
      {
        shown.removeAll { $0 == last }
      }
      for column in shown.reversed() where columns[column].isTruncatable && total() > width {
        widths[column] = max(8, widths[column] - (total() - width))
      }
    }
    var result = style.bold(line(columns.map(\.title), shown, widths)) + "\n"
    for row in rows { result += line(row, shown, widths) + "\n" }
    return result + omission(of: used.filter { !shown.contains($0) }, isCut: isCut(shown, widths), width)
  }

  /// The columns that contain something. An optional column that is empty in every row is not shown.
  private var used: [Int] {
    columns.indices.filter { column in
      columns[column].dropOrder == nil || rows.contains { !$0[column].isEmpty }
    }
  }

  private func isCut(_ shown: [Int], _ widths: [Int]) -> Bool {
    shown.contains { column in rows.contains { textWidth($0[column]) > widths[column] } }
  }

  /// The line that names the columns that do not fit, and the option that shows them.
  private func omission(of dropped: [Int], isCut: Bool, _ width: Int?) -> String {
    let names = dropped.map { columns[$0].title }.joined(separator: ", ")
    let cut = isCut ? "Some values are cut. " : ""
    let text =
      switch dropped.count {
      case 0: isCut ? cut + "Show them with --wide." : ""
      case 1: cut + "1 column is left out: \(names). Show it with --wide."
      default: cut + "\(dropped.count) columns are left out: \(names). Show them with --wide."
      }
    return text.isEmpty ? "" : TextWrap(width: width).text(text) + "\n"
  }

  private func line(_ cells: [String], _ shown: [Int], _ widths: [Int]) -> String {
    var result = ""
    var blanks = 0
    for column in shown {
      let cell = cut(cells[column], to: widths[column])
      if !cell.isEmpty {
        result += String(repeating: " ", count: blanks) + cell
        blanks = 0
      }
      blanks += widths[column] - textWidth(cell) + 2
    }
    return result
  }
}

/// The text cut to the width, with an ellipsis where something was cut.
func cut(_ text: String, to width: Int) -> String {
  guard textWidth(text) > width else { return text }
  var result = ""
  var left = width - 1
  for character in text {
    left -= textWidth(String(character))
    if left < 0 { break }
    result.append(character)
  }
  return result + "…"
}

/// The approximate number of terminal columns of the text. East Asian wide characters take two, combining
/// marks none.
func textWidth(_ text: String) -> Int {
  text.unicodeScalars.reduce(0) { width, scalar in
    switch scalar.value {
    case 0x0300...0x036F: width
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      width + 2
    default: width + 1
    }
  }
}
