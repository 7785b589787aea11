/// A text that documents are read from: a file, standard input, a saved plan.
public final class Source: Sendable {
  public let name: String
  public let text: [UInt8]

  public init(name: String, text: [UInt8]) {
    self.name = name
    self.text = text
  }

  public convenience init(name: String, text: String) {
    self.init(name: name, text: Array(text.utf8))
  }

  /// Where each line begins.
  public func lineStarts() -> [Int] {
    var starts = [0]
    for (offset, byte) in text.enumerated() where byte == UInt8(ascii: "\n") { starts.append(offset + 1) }
    return starts
  }

  /// The line that begins at that byte, without its end; one too long to be shown is cut.
  public func line(at start: Int) -> String {
    var line = text[start...].prefix(Self.longestShown).prefix {
      $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r")
    }
    if line.count == Self.longestShown {
      // Not in the middle of a character.
      while line.last.map({ $0 & 0xC0 == 0x80 }) ?? false { line.removeLast() }
      if line.last.map({ $0 >= 0xC0 }) ?? false { line.removeLast() }
    }
    return String(decoding: line, as: UTF8.self)
  }

  /// Line and column, both from 0, of a byte of the text; a byte order mark is no column.
  public func mark(ofByte offset: Int) -> Mark {
    let before = text[..<min(max(offset, 0), text.count)]
    let line = before.reduce(0) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
    let start =
      before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 }
      ?? (before.starts(with: Self.byteOrderMark) ? Self.byteOrderMark.count : 0)
    let column = before[start...].reduce(0) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
    return Mark(line: line, column: column)
  }

  private static let longestShown = 400
}

/// A position in a text: line and column (Unicode scalars), both counted from 0.
public struct Mark: Hashable, Comparable, Sendable {
  public var line: UInt32
  public var column: UInt32

  public init(line: Int, column: Int) {
    self.line = UInt32(clamping: line)
    self.column = UInt32(clamping: column)
  }

  public static func < (one: Self, other: Self) -> Bool {
    (one.line, one.column) < (other.line, other.column)
  }
}

/// A position in a named text, as people and editors count: from 1.
public struct Place: Sendable {
  public let source: Source
  public let mark: Mark
  /// How many characters a caret line underlines.
  public let length: Int

  public init(source: Source, mark: Mark, length: Int = 1) {
    self.source = source
    self.mark = mark
    self.length = length
  }

  public var line: Int { Int(mark.line) + 1 }
  public var column: Int { Int(mark.column) + 1 }
}

extension Place: CustomStringConvertible {
  /// `FILE:LINE:COLUMN`
  public var description: String { "\(source.name):\(line):\(column)" }
}
