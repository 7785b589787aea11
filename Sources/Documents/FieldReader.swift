/// Reads one field of a record without showing its type, so that records are read by one plain loop:
/// at run time, Swift takes longer to put together the types of a parameter pack's parts than reading takes.
@usableFromInline
struct FieldReader: Sendable {
  @usableFromInline let key: String
  @usableFromInline let isRequired: Bool
  /// Puts what is read, or what stands for a key left out, into memory for a value of the field's type.
  /// False after an error, and where a key that must be there is not.
  @usableFromInline let read: @Sendable (Node?, inout Decoding, UnsafeMutableRawPointer) -> Bool
  /// Reads for the errors alone.
  @usableFromInline let check: @Sendable (Node, inout Decoding) -> Void

  @inlinable
  init<Value>(
    _ key: String, _ decode: @escaping @Sendable (Node, inout Decoding) -> Value?,
    absent: (@Sendable () -> Value)?
  ) {
    self.key = key
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

/// A record whose fields are being read, one after another.
struct RecordReading {
  private let name: String
  private let record: Node
  private let members: [Node.Member]
  private let readers: [FieldReader]
  private var field = 0
  /// Where the next field is expected: most who write keep to the order of the schema.
  private var position = 0

  init(_ name: String, _ record: Node, _ members: [Node.Member], _ readers: [FieldReader]) {
    self.name = name
    self.record = record
    self.members = members
    self.readers = readers
  }

  /// The next field's value, of the type that its reader was made for; throws after an error was added.
  mutating func next<Value>(_ type: Value.Type, _ decoding: inout Decoding) throws -> Value {
    let reader = readers[field]
    let node = node(of: reader, &decoding)
    field += 1
    let place = UnsafeMutableRawPointer.allocate(
      byteCount: MemoryLayout<Value>.size, alignment: MemoryLayout<Value>.alignment)
    defer { place.deallocate() }
    guard reader.read(node, &decoding, place) else { throw NoValue() }
    return place.assumingMemoryBound(to: Value.self).move()
  }

  /// What is given for the next field, of a table.
  mutating func nextNode(_ decoding: inout Decoding) -> Node? {
    field += 1
    return node(of: readers[field - 1], &decoding)
  }

  /// The errors of the fields that are left.
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
    if let index = members.firstIndex(where: { $0.key == reader.key }) {
      position = index + 1
      return members[index].value
    }
    if reader.isRequired {
      decoding.error("missing-key", "a \(name) needs the key \(reader.key)", at: record)
    }
    return nil
  }

  private struct NoValue: Error {}
}
