import Documents
import Foundation
import Manifests
import Testing

/// The tables of keys in docs/manifests.md, made from the declarations that decode manifests.
@Suite("docs/manifests.md", .serialized)
struct ManifestReference {
  @Test("has tables with the declared keys", arguments: ["Host", "HostClass", "Guest"])
  func tables(kind: String) throws {
    let schema =
      switch kind {
      case "Host": HostManifest.form.schema
      case "HostClass": HostClassManifest.form.schema
      default: GuestManifest.form.schema
      }
    let made = try Table(schema).lines
    var document = try Document("docs/manifests.md")
    let begin = try #require(document.lines.firstIndex(of: "<!-- keys of \(kind), by make goldens -->"))
    let end = try #require(document.lines[begin...].firstIndex(of: "<!-- end -->"))
    guard Array(document.lines[begin + 1..<end]) != made else { return }
    if ProcessInfo.processInfo.environment["PCIPASS_RECORD"] != nil {
      document.lines.replaceSubrange(begin + 1..<end, with: made)
      try document.write()
    } else {
      Issue.record("the keys of a \(kind) differ; `make goldens` writes the table anew")
    }
  }
}

/// A table with a row for each key of a document, from its JSON Schema.
private struct Table {
  private(set) var lines = ["| key | value | default | meaning |", "| --- | --- | --- | --- |"]
  private let definitions: JSON

  init(_ schema: Schema) throws {
    definitions = .object(schema.definitions)
    try add(schema.json, path: "")
  }

  private mutating func add(_ schema: JSON, path: String) throws {
    let record = resolved(schema)
    guard case .object(let properties)? = record["properties"] else { return }
    let required = record["required"]?.words ?? []
    for property in properties {
      let value = resolved(property.value)
      let key = path + property.key
      let standard =
        required.contains(property.key)
        ? "required" : property.value["default"].map { $0.isEmpty ? "none" : "`\($0.bare)`" } ?? ""
      lines.append(
        "| `\(key)` | \(try words(of: value)) | \(standard) | \(property.value["description"]?.bare ?? "") |")
      if let items = value["items"] {
        try add(items, path: key + "[].")
      } else {
        for part in [value] + (value["anyOf"]?.elements ?? []) { try add(part, path: key + ".") }
      }
    }
  }

  /// Returns a description of the accepted values.
  private func words(of value: JSON) throws -> String {
    if let constant = value["const"] { return "`\(constant.bare)`" }
    if let title = value["title"] { return title.bare.replacing("|", with: "\\|") }
    if let words = value["enum"]?.words { return words.map { "`\($0)`" }.joined(separator: ", ") }
    if let either = value["anyOf"]?.elements, value["properties"] == nil {
      return try either.map { try words(of: resolved($0)) }.joined(separator: "; or ")
    }
    switch value["type"] {
    case .string("boolean"): return "`true`, `false`"
    case .string("integer"):
      guard let least = value["minimum"], let most = value["maximum"] else { return "a number" }
      return "\(least.bare) to \(most.bare)"
    case .string("array"):
      let most = value["maxItems"].map { ", at most \($0.bare)" } ?? ""
      let items = value["items"].map(resolved)
      return items?["properties"] == nil
        ? "a list of " + (try items.map(words) ?? "") + most : "a list" + most
    case .string("object"):
      guard value["properties"] != nil else { return "a mapping of texts" }
      return (["a mapping"] + (value["allOf"]?.elements ?? []).compactMap(rule)).joined(separator: ", ")
    default: throw Failure("no words for \(value.line)")
    }
  }

  /// Returns the rule between the keys of a mapping, or nil if the description of a key has it.
  private func rule(_ rule: JSON) -> String? {
    if rule["anyOf"] != nil { return "at least one of its keys" }
    return rule["not"]?["required"]?.words.map { "not both \($0.joined(separator: " and "))" }
  }

  private func resolved(_ schema: JSON) -> JSON {
    guard case .string(let name)? = schema["$ref"] else { return schema }
    return definitions[String(name.dropFirst("#/$defs/".count))] ?? schema
  }
}

extension JSON {
  fileprivate subscript(key: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  fileprivate var elements: [JSON] { if case .array(let elements) = self { elements } else { [] } }

  fileprivate var words: [String]? {
    if case .array(let elements) = self { elements.map(\.bare) } else { nil }
  }

  fileprivate var isEmpty: Bool { self == .array([]) || self == .object([]) }

  /// The text of a string without quotes, or the JSON of another value.
  fileprivate var bare: String { if case .string(let text) = self { text } else { line } }
}
