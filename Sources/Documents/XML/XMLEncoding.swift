/// The encoding in which a document is written.
enum XMLEncoding: Sendable {
  case utf8
  case ascii
  /// Another encoding, by its name in glibc's iconv.
  case other(String)

  /// The encoding that the byte order mark and the XML declaration state (XML 1.0, appendix F).
  ///
  /// - Throws: `xml-encoding` where the two contradict each other, or where the encoding cannot be edited
  ///   byte by byte.
  init(of written: Source) throws(Diagnostics) {
    if let name = Self.utf16(written.text) {
      self = .other(name)
      return
    }
    guard let declared = try XMLDeclaredEncoding(written), !["UTF-8", "UTF8"].contains(declared.name) else {
      self = .utf8
      return
    }
    guard !written.text.starts(with: Source.byteOrderMark) else {
      throw declared.error("the byte order mark means UTF-8, but this names another encoding")
    }
    if ["US-ASCII", "ASCII"].contains(declared.name) {
      self = .ascii
      return
    }
    guard declared.isUsable else {
      throw declared.error("pcipass cannot edit a document in this encoding", help: "save the file as UTF-8")
    }
    self = .other(declared.name)
  }

  /// The byte order of a UTF-16 text, by its byte order mark or by the zero beside its first `<`.
  private static func utf16(_ text: [UInt8]) -> String? {
    guard text.count >= 2 else { return nil }
    switch (text[0], text[1]) {
    case (0xFF, 0xFE), (UInt8(ascii: "<"), 0): return "UTF-16LE"
    case (0xFE, 0xFF), (0, UInt8(ascii: "<")): return "UTF-16BE"
    default: return nil
    }
  }
}

/// The encoding that an XML declaration names.
struct XMLDeclaredEncoding {
  /// In upper case.
  let name: String
  private let range: Range<Int>
  private let source: Source

  /// Nil where the document has no declaration or the declaration names no encoding.
  init?(_ source: Source) throws(Diagnostics) {
    let found = try source.text.withUnsafeBufferPointer {
      bytes throws(Diagnostics) -> (String, Range<Int>)? in
      var cursor = XMLCursor(source, bytes)
      cursor.skipByteOrderMark()
      guard cursor.isAtDeclaration, let range = try cursor.declaration() else { return nil }
      return (cursor.text(range).uppercased(), range)
    }
    guard let found else { return nil }
    (name, range) = found
    self.source = source
  }

  /// The text up to and including the name of the encoding. It is ASCII in every encoding that can be
  /// recognised by its declaration.
  var asciiBytes: ArraySlice<UInt8> { source.text[..<range.upperBound] }

  /// Whether the text can be edited byte by byte. In encodings with shift codes (ISO 2022, UTF-7), an edit
  /// could change the meaning of the bytes after it.
  var isUsable: Bool {
    let shifts: [UInt8] = [0x0E, 0x0F, 0x1B]
    return name.utf8.count <= 40 && !name.contains("UTF-7") && !name.contains("UTF7")
      && !source.text.contains(where: shifts.contains)
  }

  func error(_ message: String, help: String? = nil) -> Diagnostics {
    Diagnostics(
      code: "xml-encoding", message,
      at: SourceLocation(
        source: source, position: source.position(ofByte: range.lowerBound), length: range.count), help: help)
  }
}
