/// A named text that documents are read from: a file, standard input or a saved plan. It is a class so that
/// many locations can share one text.
public final class Source: Sendable {
  /// The name in messages, normally the path from the command line.
  public let name: String
  /// The bytes of the text, not yet checked for any encoding.
  public let text: [UInt8]
  /// The source that a program rendered this document from; nil where the document does not name one.
  public let origin: RenderedOrigin?
  /// The source of the whole file, which shares its text.
  private let file: Source?

  public init(name: String, text: [UInt8]) {
    self.name = name
    self.text = text
    origin = nil
    file = nil
  }

  private init(_ file: Source, origin: RenderedOrigin) {
    name = file.name
    text = file.text
    self.origin = origin
    self.file = file
  }

  /// Makes a source of a string, in UTF-8.
  public convenience init(name: String, text: String) {
    self.init(name: name, text: Array(text.utf8))
  }

  /// The source of one document of this text, which a program rendered from `origin`.
  public func rendered(from origin: RenderedOrigin) -> Source { Source(file ?? self, origin: origin) }

  /// What all documents of one text have in common, for facts about the text that are computed once.
  public var identity: ObjectIdentifier { ObjectIdentifier(file ?? self) }

  /// The byte offset of the text after a byte order mark.
  var textStart: Int { text.starts(with: Self.byteOrderMark) ? Self.byteOrderMark.count : 0 }

  /// The byte offset of the start of each line. Only LF ends a line here; a text without LF has one line. A byte
  /// order mark is not part of the first line.
  public func lineStarts() -> [Int] {
    var starts = [textStart]
    for (offset, byte) in text.enumerated() where byte == UInt8(ascii: "\n") { starts.append(offset + 1) }
    return starts
  }

  /// The line that starts at this byte offset, without its line end, and whether it is whole. At most 400 bytes
  /// are returned, because error messages show the line.
  public func line(at start: Int) -> (text: String, isWhole: Bool) {
    var line = text[start...].prefix(Self.longestShown).prefix {
      $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r")
    }
    let isWhole = line.count < Self.longestShown
    if !isWhole {
      // The cut must not divide a character of several bytes.
      while line.last.map({ $0 & 0xC0 == 0x80 }) ?? false { line.removeLast() }
      if line.last.map({ $0 >= 0xC0 }) ?? false { line.removeLast() }
    }
    return (String(decoding: line, as: UTF8.self), isWhole)
  }

  /// The position of a byte of the text. Offsets outside of the text are clamped; a byte order mark does not
  /// count as a column.
  public func position(ofByte offset: Int) -> Position {
    let before = text[..<min(max(offset, 0), text.count)]
    let line = before.reduce(0) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
    let start =
      before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 }
      ?? (before.starts(with: Self.byteOrderMark) ? Self.byteOrderMark.count : 0)
    let column = before[start...].reduce(0) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
    return Position(line: line, column: column)
  }

  private static let longestShown = 400
}

/// A position in a text: line and column, both counted from 0. Columns count Unicode scalars.
public struct Position: Hashable, Comparable, Sendable {
  public var line: UInt32
  public var column: UInt32

  /// Both count from 0. Numbers that 32 bits cannot hold are clamped.
  public init(line: Int, column: Int) {
    self.line = UInt32(clamping: line)
    self.column = UInt32(clamping: column)
  }

  public static func < (one: Self, other: Self) -> Bool {
    (one.line, one.column) < (other.line, other.column)
  }
}

/// A location for people: a source with a position in it. Its line and column count from 1, as editors do.
public struct SourceLocation: Sendable {
  public let source: Source
  public let position: Position
  /// The number of characters that the caret line underlines.
  public let length: Int

  public init(source: Source, position: Position, length: Int = 1) {
    self.source = source
    self.position = position
    self.length = length
  }

  /// The line, counted from 1.
  public var line: Int { Int(position.line) + 1 }
  /// The column in Unicode scalars, counted from 1.
  public var column: Int { Int(position.column) + 1 }
}

extension SourceLocation {
  /// `FILE:LINE:COLUMN`, without the source that the document was rendered from.
  public var inFile: String { "\(source.name):\(line):\(column)" }
}

extension SourceLocation: CustomStringConvertible {
  /// `FILE:LINE:COLUMN`, or `FILE:LINE:COLUMN (rendered from FILE:LINE)`.
  public var description: String { inFile + (source.origin.map { " (rendered from \($0))" } ?? "") }
}
