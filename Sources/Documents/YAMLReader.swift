import CYAML

/// Reads the documents of a YAML text by libyaml's events.
///
/// Events are used instead of libyaml's document tree, because only they allow limits on depth and aliases
/// while parsing; libyaml itself needs quadratic time for deep nesting. An anchor becomes known after its
/// value is complete, so an alias can never refer to a value that contains it.
public struct YAMLReader: ~Copyable {
  private let source: Source
  private let limits: Limits
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private var anchors: [String: (node: Node, count: Int)] = [:]
  private var nodeCount = 0
  private var aliasedCount = 0
  /// The position after the last character. libyaml reports the end of the text on an additional line.
  private lazy var end = source.position(ofByte: source.text.count)

  /// All documents up to the first one that cannot be read. The error of that one is appended to
  /// `diagnostics`.
  public static func documents(
    of source: Source, limits: Limits = Limits(), diagnostics: inout [Diagnostic]
  ) -> [Node] {
    var documents: [Node] = []
    do throws(Diagnostics) {
      try forEachDocument(of: source, limits: limits) { documents.append($0) }
    } catch {
      diagnostics += error.all
    }
    return documents
  }

  /// Calls `body` for each document as soon as it is read, so that a long stream needs memory for one
  /// document only. Empty documents are skipped.
  ///
  /// - Throws: the first error: not UTF-8 (`yaml-encoding`), a syntax error, a limit that is exceeded, or a
  ///   tag, alias or key that pcipass does not support. `body` has been called for the documents before it.
  public static func forEachDocument(
    of source: Source, limits: Limits = Limits(), _ body: (Node) -> Void
  ) throws(Diagnostics) {
    try source.checkSize(limits)
    try source.checkYAMLText()
    let failure = source.text.withUnsafeBufferPointer { bytes -> Diagnostics? in
      do throws(Diagnostics) {
        // libyaml counts the byte order mark as a column, which makes the following lines look less indented.
        let start = bytes.starts(with: Source.byteOrderMark) ? Source.byteOrderMark.count : 0
        var reader = try YAMLReader(source, limits, UnsafeBufferPointer(rebasing: bytes[start...]))
        try reader.readStream(body)
        return nil
      } catch {
        return error
      }
    }
    if let failure { throw failure }
  }

  private init(
    _ source: Source, _ limits: Limits, _ bytes: UnsafeBufferPointer<UInt8>
  ) throws(Diagnostics) {
    self.source = source
    self.limits = limits
    parser = .allocate(capacity: 1)
    guard yaml_parser_initialize(parser) == 1 else {
      parser.deallocate()
      throw Diagnostics(code: "yaml-memory", "not enough memory to read \(source.name)")
    }
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
  }

  private mutating func readStream(_ body: (Node) -> Void) throws(Diagnostics) {
    while true {
      var event = try nextEvent()
      let type = event.type
      yaml_event_delete(&event)
      switch type {
      case YAML_STREAM_END_EVENT: return
      case YAML_DOCUMENT_START_EVENT:
        anchors.removeAll(keepingCapacity: true)
        nodeCount = 0
        aliasedCount = 0
        let first = try nextEvent()
        let document = try node(from: first, depth: 1)
        // Files often end with `---`, and templates produce empty documents.
        if case .scalar(let scalar) = document.content, scalar.kind == .null, scalar.text.isEmpty { continue }
        body(document)
      default: continue  // stream start, document end
      }
    }
  }

  private mutating func nextEvent() throws(Diagnostics) -> yaml_event_t {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw syntaxError() }
    return event
  }

  private mutating func node(from first: consuming yaml_event_t, depth: Int) throws(Diagnostics) -> Node {
    var event = first
    defer { yaml_event_delete(&event) }
    let position = Position(event.start_mark)
    nodeCount += 1
    guard nodeCount <= limits.nodes else {
      throw limit("a document can hold at most \(limits.nodes) values", at: position)
    }
    guard depth <= limits.depth else {
      throw limit("nested more than \(limits.depth) levels deep", at: position)
    }
    let countBefore = nodeCount - 1
    let anchor: UnsafeMutablePointer<yaml_char_t>?
    let result: Node
    switch event.type {
    case YAML_ALIAS_EVENT: return try aliased(event, position)
    case YAML_SCALAR_EVENT:
      anchor = event.data.scalar.anchor
      result = try scalar(event, position)
    case YAML_SEQUENCE_START_EVENT:
      anchor = event.data.sequence_start.anchor
      try checkTag(event.data.sequence_start.tag, is: "tag:yaml.org,2002:seq", at: position)
      result = try sequence(position, depth: depth)
    case YAML_MAPPING_START_EVENT:
      anchor = event.data.mapping_start.anchor
      try checkTag(event.data.mapping_start.tag, is: "tag:yaml.org,2002:map", at: position)
      result = try mapping(position, depth: depth)
    default:
      throw Diagnostics(code: "yaml-syntax", "expected a value", at: location(position))
    }
    if let anchor { anchors[String(cString: anchor)] = (result, nodeCount - countBefore) }
    return result
  }

  private mutating func aliased(_ event: yaml_event_t, _ position: Position) throws(Diagnostics) -> Node {
    let name = String(cString: event.data.alias.anchor)
    guard let (node, count) = anchors[name] else {
      throw Diagnostics(
        code: "yaml-alias", "no complete anchor \(quotedExcerpt("&" + name)) precedes this alias",
        at: location(position),
        help: nearest(to: name, among: anchors.keys.sorted()).map { "did you mean *\($0)?" })
    }
    nodeCount += count
    aliasedCount += count
    guard aliasedCount <= limits.aliasedNodes else {
      throw limit(
        "the aliases of this document expand to more than \(limits.aliasedNodes) values", at: position)
    }
    return node
  }

  private mutating func scalar(_ event: yaml_event_t, _ position: Position) throws(Diagnostics) -> Node {
    let data = event.data.scalar
    let text = String(
      decoding: UnsafeBufferPointer(start: data.value, count: data.length), as: UTF8.self)
    var isPlain = data.style == YAML_PLAIN_SCALAR_STYLE
    if let tag = data.tag {
      // The explicit tags `!!str` and `!` mean the same as quotes.
      let name = String(cString: tag)
      guard name == "tag:yaml.org,2002:str" || name == "!" else { throw unknownTag(name, at: position) }
      isPlain = false
    }
    let last = Position(event.end_mark)
    let length = last.line == position.line ? Int(last.column) - Int(position.column) : 1
    return Node(
      .scalar(Scalar(text, isPlain: isPlain)), position: text.isEmpty ? min(position, end) : position,
      length: max(length, 1))
  }

  private mutating func sequence(_ position: Position, depth: Int) throws(Diagnostics) -> Node {
    var elements: [Node] = []
    while true {
      var event = try nextEvent()
      if event.type == YAML_SEQUENCE_END_EVENT {
        yaml_event_delete(&event)
        return Node(.sequence(elements), position: position)
      }
      elements.append(try node(from: event, depth: depth + 1))
    }
  }

  private mutating func mapping(_ position: Position, depth: Int) throws(Diagnostics) -> Node {
    var members = MemberList()
    while true {
      var event = try nextEvent()
      if event.type == YAML_MAPPING_END_EVENT {
        yaml_event_delete(&event)
        return Node(.mapping(members.all), position: position)
      }
      let keyPosition = Position(event.start_mark)
      var key = try node(from: event, depth: depth + 1)
      // For an alias, an error is reported at the alias, not at its anchor.
      key.position = keyPosition
      guard case .scalar(let scalar) = key.content else {
        throw Diagnostics(
          code: "yaml-key", "a key must be plain text, not a list or a mapping", at: location(key.position))
      }
      let value = try node(from: try nextEvent(), depth: depth + 1)
      try members.append(scalar.text, key, value, in: source)
    }
  }

  private func checkTag(
    _ tag: UnsafeMutablePointer<yaml_char_t>?, is expected: String, at position: Position
  ) throws(Diagnostics) {
    guard let tag else { return }
    let name = String(cString: tag)
    if name != expected, name != "!" { throw unknownTag(name, at: position) }
  }

  private func unknownTag(_ name: String, at position: Position) -> Diagnostics {
    Diagnostics(
      code: "yaml-tag", "the tag \(quotedExcerpt(name)) is not supported", at: location(position),
      help: "remove it: the schema defines the type of each value")
  }

  private func limit(_ message: String, at position: Position) -> Diagnostics {
    Diagnostics(code: "limit", message, at: location(position))
  }

  private func location(_ position: Position) -> SourceLocation {
    SourceLocation(source: source, position: position)
  }

  private mutating func syntaxError() -> Diagnostics {
    let error = parser.pointee
    var message = error.problem.map { String(cString: $0) } ?? "this is not valid YAML"
    if let context = error.context { message = String(cString: context) + ", " + message }
    // libyaml reports an error of the encoding by its byte offset, without a mark.
    let isEncoding = error.error == YAML_READER_ERROR
    let position =
      isEncoding
      ? source.position(ofByte: Int(error.problem_offset) + source.textStart)
      : min(Position(error.problem_mark), end)
    let hint =
      isEncoding
      ? "save the file as UTF-8"
      : message.contains("found character that cannot start any token")
        ? "indent with spaces; a value that starts with @, ` or % needs quotes" : nil
    return Diagnostics(
      code: isEncoding ? "yaml-encoding" : "yaml-syntax", message, at: location(position), help: hint)
  }
}

extension Position {
  fileprivate init(_ position: yaml_mark_t) {
    self.init(line: Int(clamping: position.line), column: Int(clamping: position.column))
  }
}
