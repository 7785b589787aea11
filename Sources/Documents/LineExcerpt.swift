/// The part of a line that an error message shows. A line may be as long as its file, for example in JSON that a
/// program has written.
public struct LineExcerpt {
  /// The whole line if it is short; otherwise the text around the column, with an ellipsis where it is cut.
  public let text: String
  /// The column in `text`, in Unicode scalars from 0.
  public let column: Int

  private static let bytesOnEachSide = 60

  /// - Parameters:
  ///   - start: the byte offset of the start of the line.
  ///   - column: the column in the line, in Unicode scalars from 0.
  ///   - search: finds the column. Errors of one line are near each other, so it continues from the last one.
  public init(of source: Source, lineAt start: Int, column: Int, _ search: inout ColumnSearch) {
    let (line, isWhole) = source.line(at: start)
    if isWhole {
      self.text = line
      self.column = min(column, line.unicodeScalars.count)
      return
    }
    let bytes = source.text
    let offset = search.offset(ofColumn: column, inLineAt: start, of: bytes)
    var first = max(start, offset - Self.bytesOnEachSide)
    while first < offset, bytes[first].isContinuation { first += 1 }
    var end = offset + bytes[offset...].prefix(Self.bytesOnEachSide).prefix { !$0.isLineEnd }.count
    while end > offset, end < bytes.count, bytes[end].isContinuation { end -= 1 }
    let before = String(decoding: bytes[first..<offset], as: UTF8.self)
    let left = first > start ? "…" : ""
    let right = end < bytes.count && !bytes[end].isLineEnd ? "…" : ""
    self.text = left + before + String(decoding: bytes[offset..<end], as: UTF8.self) + right
    self.column = left.unicodeScalars.count + before.unicodeScalars.count
  }
}

/// Finds the byte offset of a column of a line.
public struct ColumnSearch {
  private var start = 0
  private var column = 0
  private var offset = 0

  public init() {}

  /// The offset of the column, or of the end of the line if the line is shorter.
  mutating func offset(ofColumn wanted: Int, inLineAt start: Int, of bytes: [UInt8]) -> Int {
    if start != self.start { (self.start, column, offset) = (start, 0, start) }
    while column < wanted, offset < bytes.count, !bytes[offset].isLineEnd {
      repeat { offset += 1 } while offset < bytes.count && bytes[offset].isContinuation
      column += 1
    }
    while column > wanted, offset > start {
      repeat { offset -= 1 } while offset > start && bytes[offset].isContinuation
      column -= 1
    }
    return offset
  }
}

extension UInt8 {
  /// Whether this is a byte of a UTF-8 sequence after the first one.
  fileprivate var isContinuation: Bool { self & 0xC0 == 0x80 }

  fileprivate var isLineEnd: Bool { self == UInt8(ascii: "\n") || self == UInt8(ascii: "\r") }
}
