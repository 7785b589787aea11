/// A replacement of a range of bytes in a text. An empty range is an insertion.
public struct XMLEdit: Sendable {
  public let range: Range<Int>
  public let replacement: String

  public init(_ range: Range<Int>, _ replacement: String) {
    self.range = range
    self.replacement = replacement
  }

  /// The removal of a range. Where only white space stands before the range on its line, that white space and
  /// the line end before it are removed too.
  public static func removal(of range: Range<Int>, in text: [UInt8]) -> XMLEdit {
    var start = range.lowerBound
    while start > 0, text[start - 1] == 0x20 || text[start - 1] == 0x09 { start -= 1 }
    guard start > 0, text[start - 1] == UInt8(ascii: "\n") else { return XMLEdit(range, "") }
    start -= 1
    if start > 0, text[start - 1] == 0x0D { start -= 1 }
    return XMLEdit(start..<range.upperBound, "")
  }

  /// The text with all edits applied; each other byte stays as it was. Insertions at one place keep their
  /// order.
  ///
  /// - Returns: nil where edits overlap or lie outside of the text.
  public static func apply(_ edits: [XMLEdit], to text: [UInt8]) -> [UInt8]? {
    let edits = edits.sorted {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    var result: [UInt8] = []
    result.reserveCapacity(text.count + edits.reduce(0) { $0 + $1.replacement.utf8.count })
    var end = 0
    for edit in edits {
      guard edit.range.lowerBound >= end, edit.range.upperBound <= text.count else { return nil }
      result += text[end..<edit.range.lowerBound]
      result += edit.replacement.utf8
      end = edit.range.upperBound
    }
    return result + text[end...]
  }
}
