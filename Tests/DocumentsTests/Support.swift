import Documents
import Testing

/// Returns the documents of a YAML text, which must be valid.
func documents(
  _ text: String, limits: Limits = Limits(), at location: Testing.SourceLocation = #_sourceLocation
) -> [Node] {
  var diagnostics: [Diagnostic] = []
  let nodes = YAMLReader.documents(
    of: Source(name: "t.yaml", text: text), limits: limits, diagnostics: &diagnostics)
  #expect(diagnostics.map(\.line) == [], sourceLocation: location)
  return nodes
}

/// Returns the one document of a YAML text, which must be valid.
func document(_ text: String, at location: Testing.SourceLocation = #_sourceLocation) throws -> Node {
  let nodes = documents(text, at: location)
  try #require(nodes.count == 1, sourceLocation: location)
  return nodes[0]
}

/// Returns the first error of a YAML text, which must be invalid.
func refusal(
  of text: [UInt8], limits: Limits = Limits(), at location: Testing.SourceLocation = #_sourceLocation
) throws -> Diagnostic {
  var diagnostics: [Diagnostic] = []
  _ = YAMLReader.documents(
    of: Source(name: "t.yaml", text: text), limits: limits, diagnostics: &diagnostics)
  return try #require(diagnostics.first, "nothing was found wrong", sourceLocation: location)
}

func refusal(
  of text: String, limits: Limits = Limits(), at location: Testing.SourceLocation = #_sourceLocation
) throws -> Diagnostic {
  try refusal(of: Array(text.utf8), limits: limits, at: location)
}

func json(_ text: String) throws(Diagnostics) -> Node {
  try JSONReader.document(of: Source(name: "t.json", text: text))
}

func jsonRefusal(
  of text: [UInt8], limits: Limits = Limits(), at location: Testing.SourceLocation = #_sourceLocation
) throws -> Diagnostic {
  // `#require(throws:)` would describe the error with its whole source.
  var refusal: Diagnostic?
  do {
    _ = try JSONReader.document(of: Source(name: "t.json", text: text), limits: limits)
  } catch {
    refusal = error.all.first
  }
  return try #require(refusal, "nothing was found wrong", sourceLocation: location)
}

func jsonRefusal(of text: String, at location: Testing.SourceLocation = #_sourceLocation) throws -> Diagnostic
{
  try jsonRefusal(of: Array(text.utf8), at: location)
}

extension Diagnostic {
  /// `FILE:LINE:COLUMN code`
  var codeLine: String { (location.map { "\($0) " } ?? "") + code }

  /// `FILE:LINE:COLUMN: message (help)`
  var line: String {
    (location.map { "\($0): " } ?? "") + message + (help.map { " (\($0))" } ?? "")
  }
}

extension Node {
  /// The tree on one line: plain scalars bare, all others in quotes.
  var outline: String {
    switch content {
    case .scalar(let scalar): scalar.isPlain ? scalar.text : "\"\(scalar.text)\""
    case .sequence(let nodes): "[" + nodes.map(\.outline).joined(separator: ", ") + "]"
    case .mapping(let members):
      "{" + members.map { "\($0.key): \($0.value.outline)" }.joined(separator: ", ") + "}"
    }
  }

  /// The last position of a node or key in the tree.
  var lastPosition: Position {
    switch content {
    case .scalar: position
    case .sequence(let nodes): nodes.map(\.lastPosition).max() ?? position
    case .mapping(let members): members.flatMap { [$0.keyPosition, $0.value.lastPosition] }.max() ?? position
    }
  }

  /// `LINE:COLUMN+LENGTH`, counted from 1.
  var extent: String { "\(position.line + 1):\(position.column + 1)+\(length)" }
}

/// A text made to cost too much time or memory, with a short name for the test's output.
struct Trap: Sendable, CustomTestStringConvertible {
  let name: String
  let text: @Sendable () -> String

  init(_ name: String, _ text: @autoclosure @escaping @Sendable () -> String) {
    self.name = name
    self.text = text
  }

  var testDescription: String { name }
}

/// Returns the result of `body`, which must end within the limit however long its input is.
func quickly<Value>(
  within limit: Duration = .seconds(10), at location: Testing.SourceLocation = #_sourceLocation,
  _ body: () throws -> Value
) throws -> Value {
  let start = ContinuousClock.now
  let value = try body()
  #expect(ContinuousClock.now - start < limit, sourceLocation: location)
  return value
}
