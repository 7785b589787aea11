/// Reads one field of a record. The type of the value is erased, so that one plain loop reads all records: at
/// run time Swift needs longer to instantiate the types of a parameter pack than to read the fields.
@usableFromInline
struct FieldReader: Sendable {
  @usableFromInline let key: String
  /// The name that the key had in earlier versions, which is read as well.
  @usableFromInline let earlierKey: String?
  @usableFromInline let isRequired: Bool
  /// Initialises memory of the field's type with the decoded value, or with the default where the key is
  /// absent. Returns false after an error, and where a required key is absent.
  @usableFromInline let read: @Sendable (Node?, inout Decoding, UnsafeMutableRawPointer) -> Bool
  /// Decodes the value only to record its errors.
  @usableFromInline let check: @Sendable (Node, inout Decoding) -> Void

  @inlinable
  init<Value>(
    _ key: String, earlier: String? = nil, _ decode: @escaping @Sendable (Node, inout Decoding) -> Value?,
    absent: (@Sendable () -> Value)?
  ) {
    self.key = key
    earlierKey = earlier
    isRequired = absent == nil
    read = { node, decoding, memory in
      let value = if let node { decode(node, &decoding) } else { absent?() }
      guard let value else { return false }
      memory.initializeMemory(as: Value.self, to: value)
      return true
    }
    check = { node, decoding in _ = decode(node, &decoding) }
  }
}

/// The state while the fields of one record are read in the order of their declaration.
struct RecordDecoder {
  private let name: String
  private let record: Node
  private let members: [Node.Member]
  private let readers: [FieldReader]
  private var field = 0
  /// The index at which the next key is expected, because most documents keep the order of the schema.
  private var position = 0

  init(_ name: String, _ record: Node, _ members: [Node.Member], _ readers: [FieldReader]) {
    self.name = name
    self.record = record
    self.members = members
    self.readers = readers
  }

  /// Decodes the next field. `Value` must be the type that the field's reader was made for.
  ///
  /// - Throws: `NoValue` after an error was recorded.
  mutating func next<Value>(_ type: Value.Type, _ decoding: inout Decoding) throws -> Value {
    let reader = readers[field]
    let node = node(of: reader, &decoding)
    field += 1
    let location = UnsafeMutableRawPointer.allocate(
      byteCount: MemoryLayout<Value>.size, alignment: MemoryLayout<Value>.alignment)
    defer { location.deallocate() }
    guard reader.read(node, &decoding, location) else { throw NoValue() }
    return location.assumingMemoryBound(to: Value.self).move()
  }

  /// The node of the next field of a table; nil where the key is absent.
  mutating func nextNode(_ decoding: inout Decoding) -> Node? {
    field += 1
    return node(of: readers[field - 1], &decoding)
  }

  /// Records the errors of the remaining fields after one field failed.
  mutating func checkRest(_ decoding: inout Decoding) {
    for reader in readers[field...] {
      if let node = node(of: reader, &decoding) { reader.check(node, &decoding) }
    }
  }

  private mutating func node(of reader: FieldReader, _ decoding: inout Decoding) -> Node? {
    if position < members.count, members[position].key == reader.key {
      position += 1
      return members[position - 1].value
    }
    if let index = members.firstIndex(where: { $0.key == reader.key || $0.key == reader.earlierKey }) {
      position = index + 1
      return members[index].value
    }
    if reader.isRequired {
      decoding.recordError("missing-key", "a \(name) requires the key \(reader.key)", at: record)
    }
    return nil
  }

  private struct NoValue: Error {}
}
