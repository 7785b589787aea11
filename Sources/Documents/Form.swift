/// How a value is written in a document. One declaration gives the JSON Schema for editors and reviewers, the
/// decoder with its error messages, and the encoder, so that the three cannot disagree.
///
/// The functions that make forms are `@inlinable`: the compiler then specialises each form for its type,
/// which halves the decoding time.
public struct Form<Value: Sendable>: Sendable {
  /// The JSON Schema of the value. It accepts the same documents as `decode`.
  public let schema: Schema
  /// Decodes a node. Returns nil after at least one error was added to the `Decoding`.
  public let decode: @Sendable (Node, inout Decoding) -> Value?
  /// Encodes a value as JSON. `decode` accepts the result.
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

  /// Decodes a whole document.
  ///
  /// - Throws: all errors of the document in one `Diagnostics`.
  public func value(of node: Node, from source: Source) throws(Diagnostics) -> Value {
    var decoding = Decoding(source: source)
    guard let value = decode(node, &decoding), decoding.diagnostics.isEmpty else {
      throw Diagnostics(decoding.diagnostics)
    }
    return value
  }
}

/// The state of a decoder: the text that it reads and the errors found so far.
public struct Decoding {
  public let source: Source
  public var diagnostics: [Diagnostic] = []

  public init(source: Source) { self.source = source }

  /// The location of a node in the source.
  public func location(of node: Node) -> SourceLocation {
    SourceLocation(source: source, position: node.position, length: Int(node.length))
  }

  /// Records an error at a node.
  public mutating func recordError(_ code: String, _ message: String, at node: Node, help: String? = nil) {
    diagnostics.append(Diagnostic(code: code, message, at: location(of: node), help: help))
  }

  /// Records that a value of another type was expected.
  ///
  /// - Parameter expected: the type with its article, for the message: "a list".
  public mutating func recordWrongType(_ expected: String, _ node: Node) {
    recordError("wrong-type", "expected \(expected), found \(node.found)", at: node)
  }
}

extension Node {
  /// The node as the error message "expected …, found …" describes it.
  var found: String {
    switch content {
    case .sequence: "a list"
    case .mapping: "a mapping"
    case .scalar(let scalar) where scalar.kind == .null: "nothing"
    case .scalar(let scalar): quotedExcerpt(scalar.text)
    }
  }
}

/// The text in double quotes for an error message, cut after 57 characters where it has more than 60. The
/// result is not yet printable.
public func quotedExcerpt(_ text: String) -> String {
  // One `Character` may be megabytes long, so the length is counted in scalars.
  let start = text.unicodeScalars.prefix(61)
  return "\"" + (start.count > 60 ? String(start.prefix(57)) + "…" : text) + "\""
}

extension Form {
  /// A form of the same documents for another Swift type.
  @inlinable
  public func map<Other>(
    _ from: @escaping @Sendable (Value) -> Other, _ back: @escaping @Sendable (Other) -> Value
  ) -> Form<Other> {
    Form<Other>(
      schema: schema, decode: { [decode] node, decoding in decode(node, &decoding).map(from) },
      encode: { [encode] in encode(back($0)) })
  }

  /// The form of the value together with its location, for checks that run after decoding.
  @inlinable
  public var located: Form<Located<Value>> {
    Form<Located<Value>>(
      schema: schema,
      decode: { [decode] node, decoding in
        decode(node, &decoding).map { Located($0, at: decoding.location(of: node)) }
      },
      encode: { [encode] in encode($0.value) })
  }
}

/// A value with the location where it was written. Equality compares the values only.
public struct Located<Value: Sendable>: Sendable {
  public var value: Value
  public var location: SourceLocation?

  @inlinable
  public init(_ value: Value, at location: SourceLocation? = nil) {
    self.value = value
    self.location = location
  }
}

extension Located: Equatable where Value: Equatable {
  public static func == (one: Self, other: Self) -> Bool { one.value == other.value }
}
