/// An element as it was written, with where each part of it stands in the text (offsets of bytes).
public struct XMLElement: Sendable {
  /// As written, with its prefix: `qemu:commandline`.
  public let name: String
  /// In the order in which they were written, declarations of namespaces among them.
  public let attributes: [XMLAttribute]
  public let elements: [XMLElement]
  /// Its own character data, that of its elements left out: text, CDATA and references, put together.
  public let text: String
  /// From its `<` to behind its last `>`.
  public let range: Range<Int>
  /// What stands between start tag and end tag; nil for `<a/>`, which has no between.
  public let inside: Range<Int>?

  /// The value of the attribute of that name, as it was written with its prefix.
  public subscript(attribute name: String) -> String? {
    attributes.first { $0.name == name }?.value
  }

  public func first(_ name: String) -> XMLElement? { elements.first { $0.name == name } }

  public func all(_ name: String) -> [XMLElement] { elements.filter { $0.name == name } }
}

/// An attribute as it was written, with where it stands in the text (offsets of bytes).
public struct XMLAttribute: Sendable {
  /// As written, with its prefix: `xmlns:qemu`.
  public let name: String
  /// With references replaced and white space made spaces.
  public let value: String
  /// From its name to behind the closing quote.
  public let range: Range<Int>
  /// What stands between the quotes.
  public let inside: Range<Int>
}
