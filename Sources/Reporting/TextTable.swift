import Documents

/// Rows in columns, for a terminal or for a file.
struct TextTable {
  /// What a column is called, and what becomes of it where there is no room.
  struct Column {
    let title: String
    /// Those with the highest number are left out first; those with none stay.
    var sacrifice: Int?
    /// May be cut where nothing is left to be left out.
    var isElastic = false
  }

  let columns: [Column]
  private(set) var rows: [[String]] = []

  init(_ columns: [Column]) { self.columns = columns }

  /// One cell for each column, as text from outside.
  mutating func add(_ cells: [String]) { rows.append(cells.map { printable($0) }) }

  /// - Parameter width: how many columns of characters there are; nil is as many as it takes.
  func text(_ style: Style, width: Int? = nil) -> String {
    var shown = columns.indices.filter { column in
      // Nothing to say in any row, and nobody misses it.
      columns[column].sacrifice == nil || rows.contains { !$0[column].isEmpty }
    }
    var widths = columns.indices.map { column in
      rows.reduce(textWidth(columns[column].title)) { max($0, textWidth($1[column])) }
    }
    if let width {
      func total() -> Int { shown.reduce(-2) { $0 + widths[$1] + 2 } }
      while total() > width,
        let last = shown.max(by: { (columns[$0].sacrifice ?? -1) < (columns[$1].sacrifice ?? -1) }),
        columns[last].sacrifice != nil
      {
        shown.removeAll { $0 == last }
      }
      for column in shown.reversed() where columns[column].isElastic && total() > width {
        widths[column] = max(8, widths[column] - (total() - width))
      }
    }
    var result = style.bold(line(columns.map(\.title), shown, widths)) + "\n"
    for row in rows { result += line(row, shown, widths) + "\n" }
    return result
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

/// The text, or as much of it as has room, with an ellipsis.
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

/// Columns on a terminal, near enough: East Asian wide characters take two.
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
