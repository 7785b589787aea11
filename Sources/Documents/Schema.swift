/// A JSON Schema (draft 2020-12): its keywords, and the definitions (`$defs`) that it refers to.
public struct Schema: Sendable {
  public var keywords: [JSON.Member]
  public var definitions: [JSON.Member]

  public init(_ keywords: [JSON.Member], definitions: [JSON.Member] = []) {
    self.keywords = keywords
    self.definitions = definitions
  }

  public var json: JSON { .object(keywords) }

  /// The complete schema document of a root form.
  ///
  /// - Parameter id: the `$id`, a URI.
  public func document(id: String, title: String) -> JSON {
    // The keywords of the root are written in the document itself instead of a reference to a definition.
    let root = rootDefinition
    var members = [
      JSON.Member("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
      JSON.Member("$id", .string(id)), JSON.Member("title", .string(title)),
    ]
    members += root?.members ?? keywords
    let others = definitions.filter { $0.key != root?.name }
    if !others.isEmpty { members.append(JSON.Member("$defs", .object(others))) }
    return .object(members)
  }

  /// The schema of a named record with an additional optional key. It describes what programs other than the
  /// form add to a document.
  ///
  /// - Parameters:
  ///   - about: the description of the key.
  ///   - position: the index of the key among the properties.
  public func adding(_ key: String, _ schema: Schema, _ about: String, at position: Int) -> Schema {
    var result = self
    result.definitions = definitions.map { definition in
      guard .string("#/$defs/" + definition.key) == keywords.first?.value,
        case .object(let members) = definition.value
      else { return definition }
      return JSON.Member(
        definition.key,
        .object(
          members.map { member in
            guard member.key == "properties", case .object(var properties) = member.value else {
              return member
            }
            properties.insert(JSON.Member(key, schema.described(about)), at: position)
            return JSON.Member(member.key, .object(properties))
          }))
    }
    return result
  }

  /// The schema of a named record with further properties, as another record.
  ///
  /// - Parameters:
  ///   - name: the name of the longer record.
  ///   - required: the names of those further properties that are always present.
  ///   - definitions: the definitions of the record and of the further properties.
  func extended(
    as name: String, _ properties: [JSON.Member], required: [JSON], definitions: [JSON.Member]
  ) -> Schema {
    var longer = rootDefinition?.members ?? keywords
    longer = longer.map { member in
      switch (member.key, member.value) {
      case ("properties", .object(let own)): JSON.Member(member.key, .object(own + properties))
      case ("required", .array(let own)): JSON.Member(member.key, .array(own + required))
      default: member
      }
    }
    let others = definitions.filter { $0.key != rootDefinition?.name }
    return Schema(longer, definitions: others).named(name)
  }

  /// The definition that the schema is a reference to; nil where it is not a reference.
  private var rootDefinition: (name: String, members: [JSON.Member])? {
    let root = definitions.first { .string("#/$defs/" + $0.key) == keywords.first?.value }
    guard let root, case .object(let members) = root.value else { return nil }
    return (root.key, members)
  }

  /// A reference to this schema, which becomes a definition of this name.
  func named(_ name: String) -> Schema {
    Schema(
      [JSON.Member("$ref", .string("#/$defs/" + name))],
      definitions: Schema.merged(definitions, [JSON.Member(name, json)]))
  }

  /// The definitions of both lists. The first list wins where both have the same name.
  static func merged(_ some: [JSON.Member], _ others: [JSON.Member]) -> [JSON.Member] {
    some + others.filter { other in !some.contains { $0.key == other.key } }
  }
}

extension Schema {
  /// The schema with a description and, where given, a default.
  public func described(_ description: String, default value: JSON? = nil) -> JSON {
    var members = keywords
    if !description.isEmpty { members.append(JSON.Member("description", .string(description))) }
    if let value { members.append(JSON.Member("default", value)) }
    return .object(members)
  }
}
