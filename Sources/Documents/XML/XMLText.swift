/// A document converted to UTF-8, and the conversion back into its own encoding.
public struct XMLText: Sendable {
  /// The text in UTF-8, with its byte order mark if it has one.
  public let source: Source
  private let encoding: XMLEncoding

  /// Converts the document and checks that the conversion back gives the same bytes. Only then can a part be
  /// edited while all other bytes stay as they were.
  ///
  /// - Parameter name: the name of the document in messages.
  /// - Throws: `xml-encoding` where the encoding is unknown, is contradicted by the declaration, or cannot be
  ///   converted back exactly.
  public init(_ bytes: [UInt8], name: String) throws(Diagnostics) {
    let written = Source(name: name, text: bytes)
    encoding = try XMLEncoding(of: written)
    switch encoding {
    case .utf8: source = written
    case .ascii:
      if let offset = Self.firstNotASCII(bytes) { throw Self.error("this is not US-ASCII", written, offset) }
      source = written
    case .other(let encoding):
      let converters = try Self.converters(encoding, written)
      let text = converters.toUTF8.convert(bytes)
      guard text.isExact else { throw Self.error("this is not \(encoding)", written, text.read) }
      source = Source(name: name, text: text.bytes)
      try checkDeclaration(written, encoding)
      let again = converters.fromUTF8.convert(text.bytes).bytes
      guard again == bytes else {
        let same = zip(again, bytes).prefix { $0 == $1 }.count
        throw Self.error("writing this text as \(encoding) would change its bytes", written, same)
      }
    }
  }

  /// Converts a text into the encoding of the document.
  ///
  /// - Throws: `xml-encoding` where the encoding lacks a character of the text.
  public func encoded(_ text: [UInt8]) throws(Diagnostics) -> [UInt8] {
    let offset: Int
    switch encoding {
    case .utf8: return text
    case .ascii:
      guard let first = Self.firstNotASCII(text) else { return text }
      offset = first
    case .other(let encoding):
      let converters = try Self.converters(encoding, source)
      let result = converters.fromUTF8.convert(text)
      if result.isExact, converters.toUTF8.convert(result.bytes).bytes == text { return result.bytes }
      offset = result.isExact ? 0 : result.read
    }
    throw Self.error(
      "the encoding of the document does not have this character", Source(name: source.name, text: text),
      offset,
      help: "write it as a character reference, &#NUMBER;")
  }

  private struct Converters: ~Copyable {
    let toUTF8: Iconv
    let fromUTF8: Iconv
  }

  private static func converters(_ encoding: String, _ source: Source) throws(Diagnostics) -> Converters {
    guard let toUTF8 = Iconv(from: encoding, to: "UTF-8"), let fromUTF8 = Iconv(from: "UTF-8", to: encoding)
    else {
      let help = "save the file as UTF-8"
      throw try XMLDeclaredEncoding(source)?.error("unknown encoding", help: help)
        ?? Diagnostics(code: "xml-encoding", "\(source.name): unknown encoding \(encoding)", help: help)
    }
    return Converters(toUTF8: toUTF8, fromUTF8: fromUTF8)
  }

  /// Checks that the declared name reads the same after the conversion, and that a UTF-16 document does not
  /// declare another encoding.
  private func checkDeclaration(_ written: Source, _ encoding: String) throws(Diagnostics) {
    if let declared = try XMLDeclaredEncoding(written) {
      guard source.text.starts(with: declared.asciiBytes) else {
        throw declared.error("the document is not in the encoding that this names")
      }
    } else if let declared = try XMLDeclaredEncoding(source), !["UTF-16", encoding].contains(declared.name) {
      throw declared.error("the document is \(encoding), but this names another encoding")
    }
  }

  private static func firstNotASCII(_ text: [UInt8]) -> Int? { text.firstIndex { $0 >= 0x80 } }

  private static func error(
    _ message: String, _ source: Source, _ offset: Int, help: String? = nil
  ) -> Diagnostics {
    Diagnostics(
      code: "xml-encoding", message,
      at: SourceLocation(source: source, position: source.position(ofByte: offset)), help: help)
  }
}
