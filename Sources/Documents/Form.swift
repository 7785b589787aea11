/// How a value looks in a document. One declaration gives all three: the JSON Schema that editors and
/// reviewers see, the decoder that reports what is wrong and where, and the encoder.
///
/// What makes forms is inlinable: each is then compiled for its own type, and decodes in half of the time.
public struct Form<Value: Sendable>: Sendable {
  public let schema: Schema
  /// The value, or nil after at least one error was added to the decoding.
  public let decode: @Sendable (Node, inout Decoding) -> Value?
  public let encode: @Sendable (Value) -> JSON

  @inlinable
  public init(
    schema: Schema, decode: @escaping @Sendable (Node, inout Decoding) -> Value?,
    encode: @escaping @Sendable (Value) -> JSON
  ) {
    self.schema = schema
    self.decode = decode
    self.encode = encode
  }

  /// Decodes a whole document, or throws all that is wrong with it.
  public func value(of node: Node, from source: Source) throws(Diagnostics) -> Value {
    var decoding = Decoding(source: source)
    guard let value = decode(node, &decoding), decoding.diagnostics.isEmpty else {
      throw Diagnostics(decoding.diagnostics)
    }
    return value
  }
}

/// What a decoder knows while it runs: the text it reads, and what it found wrong.
public struct Decoding {
  public let source: Source
  public var diagnostics: [Diagnostic] = []

  public init(source: Source) { self.source = source }

  public func place(of node: Node) -> Place {
    Place(source: source, mark: node.mark, length: Int(node.length))
  }

  public mutating func error(_ code: String, _ message: String, at node: Node, help: String? = nil) {
    diagnostics.append(Diagnostic(code: code, message, at: place(of: node), help: help))
  }

  public mutating func wrongType(_ expected: String, _ node: Node) {
    error("wrong-type", "expected \(expected), found \(node.found)", at: node)
  }
}

extension Node {
  /// What stands here, in the words of an error.
  var found: String {
    switch content {
    case .sequence: "a list"
    case .mapping: "a mapping"
    case .scalar(let scalar) where scalar.kind == .null: "nothing"
    case .scalar(let scalar): shortened(scalar.text)
    }
  }
}

/// Text from a document as an error message quotes it.
public func shortened(_ text: String) -> String {
  // Scalars, not characters: one character may be megabytes long.
  let start = text.unicodeScalars.prefix(61)
  return "\"" + (start.count > 60 ? String(start.prefix(57)) + "…" : text) + "\""
}

extension Form {
  /// The same text in documents, another value in the program.
  @inlinable
  public func map<Other>(
    _ from: @escaping @Sendable (Value) -> Other, _ back: @escaping @Sendable (Other) -> Value
  ) -> Form<Other> {
    Form<Other>(
      schema: schema, decode: { [decode] node, decoding in decode(node, &decoding).map(from) },
      encode: { [encode] in encode(back($0)) })
  }

  /// The value together with its place, for errors that are found later.
  @inlinable
  public var located: Form<Located<Value>> {
    Form<Located<Value>>(
      schema: schema,
      decode: { [decode] node, decoding in
        decode(node, &decoding).map { Located($0, at: decoding.place(of: node)) }
      },
      encode: { [encode] in encode($0.value) })
  }
}

/// A value and where it was written. Two are equal when the values are.
public struct Located<Value: Sendable>: Sendable {
  public var value: Value
  public var place: Place?

  @inlinable
  public init(_ value: Value, at place: Place? = nil) {
    self.value = value
    self.place = place
  }
}

extension Located: Equatable where Value: Equatable {
  public static func == (one: Self, other: Self) -> Bool { one.value == other.value }
}
