import Documents

/// Diagnostics in the format of compilers: `FILE:LINE:COLUMN: error: …`, the line of the source, a caret line
/// and the help.
public struct DiagnosticText {
  private let style: Style
  private let wrap: TextWrap
  /// The line starts of each source, which are computed once for all its diagnostics.
  private var lineStarts: [ObjectIdentifier: [Int]] = [:]
  private var columns: [ObjectIdentifier: ColumnSearch] = [:]

  /// - Parameter width: the width of the terminal in columns; nil means no limit.
  public init(style: Style, width: Int? = nil) {
    self.style = style
    wrap = TextWrap(width: width)
  }

  public mutating func text(_ diagnostics: [Diagnostic]) -> String {
    diagnostics.reduce(into: "") { $0 += text($1) }
  }

  /// One diagnostic over several lines. All text from outside is made printable.
  public mutating func text(_ diagnostic: Diagnostic) -> String {
    let severity =
      switch diagnostic.severity {
      case .error: style.red("error:")
      case .warning: style.yellow("warning:")
      case .note: "note:"
      }
    let where_ = diagnostic.location.map { printable($0.inFile) + ": " } ?? ""
    let message = style.bold(where_) + severity + " " + printable(diagnostic.message)
    var result = wrap.text(message + " [\(diagnostic.code)]", hanging: "  ") + "\n"
    if let location = diagnostic.location { result += excerpt(location) + rendered(location) }
    if let related = diagnostic.related {
      result += printable(related.inFile) + ": the other occurrence is here\n"
      result += excerpt(related) + rendered(related)
    }
    if let help = diagnostic.help { result += wrap.text("  help: " + printable(help), hanging: "  ") + "\n" }
    return result
  }

  /// The line with the source that the document was rendered from; empty where it names none.
  private func rendered(_ location: SourceLocation) -> String {
    guard let origin = location.source.origin else { return "" }
    return wrap.text("  rendered from " + printable("\(origin)"), hanging: "  ") + "\n"
  }

  private mutating func excerpt(_ location: SourceLocation) -> String {
    let key = location.source.identity
    let starts = lineStarts[key] ?? location.source.lineStarts()
    lineStarts[key] = starts
    let number = Int(location.position.line)
    guard number < starts.count else { return "" }
    let line = LineExcerpt(
      of: location.source, lineAt: starts[number], column: Int(location.position.column),
      &columns[key, default: ColumnSearch()])
    guard !line.text.isEmpty else { return "" }
    // The caret is placed below the shown text, which is longer than the source where characters
    // are escaped.
    let scalars = Array(line.text.unicodeScalars)
    let column = line.column
    let end = min(column + max(location.length, 1), max(scalars.count, column + 1))
    let before = shown(scalars[..<column])
    let marked = column < scalars.count ? shown(scalars[column..<end]) : " "
    let gutter = String(location.line)
    let blank = String(repeating: " ", count: gutter.count)
    let caret =
      String(repeating: " ", count: textWidth(before))
      + style.green("^" + String(repeating: "~", count: max(textWidth(marked) - 1, 0)))
    return style.dim("\(gutter) | ") + shown(scalars[...]) + "\n" + style.dim("\(blank) | ") + caret + "\n"
  }

  private func shown(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars)
    return printable(String(text))
  }
}
