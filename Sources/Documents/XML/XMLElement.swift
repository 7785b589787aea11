/// An element as it was written. Ranges are byte offsets in the text.
public struct XMLElement: Sendable {
  /// The name as written, with its prefix: `qemu:commandline`.
  public let name: String
  /// The attributes in the order of the text, including namespace declarations.
  public let attributes: [XMLAttribute]
  /// The child elements in the order of the text.
  public let elements: [XMLElement]
  /// The character data of the element itself, without that of its children: text, CDATA sections and
  /// references, concatenated.
  public let text: String
  /// From the `<` of the start tag to after the `>` of the end tag.
  public let range: Range<Int>
  /// The range between start tag and end tag; nil for `<a/>`.
  public let contentRange: Range<Int>?

  /// The value of an attribute, by its name with its prefix as it was written.
  public subscript(attribute name: String) -> String? {
    attributes.first { $0.name == name }?.value
  }

  /// The first child element of this name, with its prefix as it was written.
  public func first(_ name: String) -> XMLElement? { elements.first { $0.name == name } }

  /// All child elements of this name, with its prefix as it was written.
  public func all(_ name: String) -> [XMLElement] { elements.filter { $0.name == name } }
}

/// An attribute as it was written. Ranges are byte offsets in the text.
public struct XMLAttribute: Sendable {
  /// The name as written, with its prefix: `xmlns:qemu`.
  public let name: String
  /// The value with references resolved and white space characters replaced by spaces (XML 1.0, section
  /// 3.3.3).
  public let value: String
  /// From the name to after the closing quote.
  public let range: Range<Int>
  /// The range between the quotes.
  public let contentRange: Range<Int>
}
