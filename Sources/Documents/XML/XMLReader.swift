/// Reads one XML document (XML 1.0, fifth edition, and Namespaces in XML 1.0) into a tree with the
/// position of each part. Document type definitions are refused, and therefore every entity that
/// XML does not predefine.
public enum XMLReader {
  /// The root element of a UTF-8 text. `XMLText` converts other encodings.
  ///
  /// - Throws: `xml-syntax`, `xml-encoding`, `xml-doctype`, or `limit` where the text exceeds one of the
  ///   limits.
  public static func document(
    of source: Source, limits: Limits = Limits()
  ) throws(Diagnostics) -> XMLElement {
    try source.checkSize(limits)
    return try source.text.withUnsafeBufferPointer { bytes throws(Diagnostics) in
      var reading = XMLParser(XMLCursor(source, bytes), limits)
      return try reading.document()
    }
  }
}

/// The state while a document is read. Open elements are kept on an explicit stack, because deep nesting
/// could overflow the stack of the thread.
private struct XMLParser {
  private struct Open {
    let name: XMLName
    let attributes: [XMLAttribute]
    let start: Int
    let contentRange: Int
    /// The sizes of the other stacks when the element was opened. What lies above belongs to the element.
    let elements: Int
    let characters: Int
    let namespaces: Int
  }

  private var cursor: XMLCursor
  private let limits: Limits
  private var open: [Open] = []
  /// Complete elements whose parents are still open.
  private var elements: [XMLElement] = []
  /// The character data of all open elements. The data of an element is removed when the element ends; the
  /// data of its parent continues there.
  private var characters: [UInt8] = []
  private var namespaces = XMLNamespaces()
  private var nodeCount = 0

  init(_ cursor: XMLCursor, _ limits: Limits) {
    self.cursor = cursor
    self.limits = limits
  }

  mutating func document() throws(Diagnostics) -> XMLElement {
    try cursor.checkCharacters()
    cursor.skipByteOrderMark()
    if cursor.isAtDeclaration { _ = try cursor.declaration() }
    try cursor.skipMiscellany()
    guard cursor.byte == UInt8(ascii: "<") else {
      throw cursor.error(
        cursor.isAtEnd ? "expected an element, found the end of the document" : "expected an element")
    }
    try startTag()
    while let last = open.last {
      try cursor.characterData(into: &characters)
      guard !cursor.isAtEnd else {
        throw cursor.error("this element has no end tag", at: last.name.range)
      }
      switch cursor.byte(at: cursor.offset + 1) {
      case UInt8(ascii: "/"): try endTag(of: last)
      case UInt8(ascii: "!"): try cursor.commentOrCDATA(into: &characters)
      case UInt8(ascii: "?"): try cursor.processingInstruction()
      default: try startTag()
      }
    }
    let root = elements.removeLast()
    try cursor.skipMiscellany()
    guard cursor.isAtEnd else {
      throw cursor.error("a document has one root element, and it ends before this")
    }
    return root
  }

  private mutating func startTag() throws(Diagnostics) {
    let start = cursor.offset
    guard open.count < limits.depth else {
      throw cursor.error("nested more than \(limits.depth) levels deep", code: "limit")
    }
    cursor.offset += 1
    let name = try cursor.name("the name of an element")
    var attributes: [XMLAttribute] = []
    var hasNamespaces = name.prefix != nil
    while try cursor.skipToAttribute(in: start) {
      attributes.append(try cursor.attribute(&hasNamespaces))
    }
    nodeCount += 1 + attributes.count
    guard nodeCount <= limits.nodes else {
      throw cursor.error(
        "a document can hold at most \(limits.nodes) elements and attributes", at: name.range, code: "limit")
    }
    try cursor.checkUnique(attributes)
    let namespacesBefore = namespaces.count
    if hasNamespaces { try namespaces.enter(name, attributes, cursor) }
    let isEmpty = cursor.byte == UInt8(ascii: "/")
    cursor.offset += isEmpty ? 2 : 1
    let element = Open(
      name: name, attributes: attributes, start: start, contentRange: cursor.offset, elements: elements.count,
      characters: characters.count, namespaces: namespacesBefore)
    if isEmpty { close(element, contentRange: nil) } else { open.append(element) }
  }

  private mutating func endTag(of element: Open) throws(Diagnostics) {
    let start = cursor.offset
    cursor.offset += 2
    guard cursor.skip(copyOf: element.name.range), !cursor.isInName else {
      throw cursor.error(
        "expected \(quotedExcerpt("</" + cursor.text(element.name.range) + ">"))",
        at: start..<cursor.endOfTag(from: start), related: element.name.range)
    }
    cursor.skipSpace()
    guard cursor.byte == UInt8(ascii: ">") else { throw cursor.error("expected '>'") }
    cursor.offset += 1
    open.removeLast()
    close(element, contentRange: element.contentRange..<start)
  }

  private mutating func close(_ element: Open, contentRange: Range<Int>?) {
    let children = Array(elements[element.elements...])
    elements.removeLast(children.count)
    namespaces.leave(downTo: element.namespaces)
    let text = characters.withUnsafeBufferPointer {
      String(decoding: $0[element.characters...], as: UTF8.self)
    }
    characters.removeLast(characters.count - element.characters)
    elements.append(
      XMLElement(
        name: cursor.text(element.name.range), attributes: element.attributes, elements: children,
        text: text, range: element.start..<cursor.offset, contentRange: contentRange))
  }
}
