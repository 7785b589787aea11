/// The place that a program rendered a document from, as the document says: `clusters/edge.jsonnet:14`.
///
/// It is only shown. The file is relative to a folder that pcipass does not know, and is never opened.
public struct RenderedOrigin: Sendable, Hashable {
  public let file: String
  /// The line, counted from 1.
  public let line: Int

  /// Returns nil where the text is not `FILE:LINE` with a relative path without `..` and control characters.
  public init?(_ text: String) {
    guard (1...Self.longest).contains(text.unicodeScalars.count), !text.hasControlCharacters,
      let colon = text.utf8.lastIndex(of: UInt8(ascii: ":"))
    else { return nil }
    let digits = text.utf8[text.utf8.index(after: colon)...]
    let components = text.utf8[..<colon].split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard (1...9).contains(digits.count), digits.allSatisfy(isDigit), digits.first != UInt8(ascii: "0"),
      let line = Int(String(decoding: digits, as: UTF8.self)),
      components.allSatisfy({ !$0.isEmpty && !$0.elementsEqual("..".utf8) })
    else { return nil }
    file = String(text[..<colon])
    self.line = line
  }

  /// The largest number of Unicode scalars.
  private static let longest = 1000

  /// The form of `FILE:LINE`.
  public static let form = Form<RenderedOrigin>.text(
    "a relative place FILE:LINE such as clusters/edge.jsonnet:14",
    pattern: "^\(component)(?:/\(component))*:[1-9][0-9]{0,8}$", lengths: 1...longest,
    parse: { RenderedOrigin($0) }, print: \.description,
    hint: { _ in "write the path within the repository, without a leading / and without .., then :LINE" })

  /// A name that is not empty and not `..`. The patterns of schemas have no look-ahead.
  private static let component =
    "(?:[^./\\x00-\\x1f\\x7f-\\x9f]\(rest)*|[.](?:[^./\\x00-\\x1f\\x7f-\\x9f]\(rest)*)?|[.][.]\(rest)+)"
  private static let rest = "[^/\\x00-\\x1f\\x7f-\\x9f]"
}

extension RenderedOrigin: CustomStringConvertible {
  public var description: String { "\(file):\(line)" }
}
