import Documents
import HostModel
import Manifests

/// Manifests as YAML in block style, as a person would write them.
public enum ManifestText {
  /// - Parameter remarks: the comments above each NIC, by the name of the NIC.
  public static func text(_ host: HostManifest, remarks: [String: [String]] = [:]) -> String {
    text(HostManifest.form.encode(host)) { remarks[$0] ?? [] }
  }

  /// - Parameter remarks: the comments above each NIC, by the name of the NIC.
  public static func text(_ each: HostClassManifest, remarks: [String: [String]] = [:]) -> String {
    text(HostClassManifest.form.encode(each)) { remarks[$0] ?? [] }
  }

  /// - Parameter remarks: the comments above each NIC, by the name of the NIC.
  public static func text(_ guest: GuestManifest, remarks: [String: [String]] = [:]) -> String {
    text(GuestManifest.form.encode(guest)) { remarks[$0] ?? [] }
  }

  private static func text(_ document: JSON, _ remarks: @escaping (String) -> [String]) -> String {
    var writer = BlockYAML(remarks: remarks)
    writer.write(document, indent: 0)
    return writer.text
  }
}

/// A writer of YAML in block style, which writes short values on one line.
private struct BlockYAML {
  let remarks: (String) -> [String]
  var text = ""

  init(remarks: @escaping (String) -> [String]) { self.remarks = remarks }

  mutating func write(_ value: JSON, indent: Int) {
    switch value {
    case .object(let members):
      for (index, member) in members.enumerated() {
        if index > 0 { text += String(repeating: " ", count: indent) }
        write(member, indent: indent)
      }
    default: text += Self.flow(value) + "\n"
    }
  }

  private mutating func write(_ member: JSON.Member, indent: Int) {
    text += member.key + ":"
    switch member.value {
    case .object(let members) where !member.value.isFlat && !members.isEmpty:
      text += "\n" + String(repeating: " ", count: indent + 2)
      write(member.value, indent: indent + 2)
    case .array(let elements) where !elements.isEmpty && !member.value.isFlat:
      text += "\n"
      for element in elements {
        let pad = String(repeating: " ", count: indent + 2)
        for remark in remarks(element.name) { text += pad + "# " + printable(remark) + "\n" }
        text += pad + "- "
        write(element, indent: indent + 4)
      }
    default: text += " " + Self.flow(member.value) + "\n"
    }
  }

  private static func flow(_ value: JSON) -> String {
    switch value {
    case .object(let members):
      "{" + members.map { "\($0.key): \(flow($0.value))" }.joined(separator: ", ") + "}"
    case .array(let elements): "[" + elements.map(flow).joined(separator: ", ") + "]"
    case .string(let text) where isPlain(text): text
    default: value.line
    }
  }

  /// Whether the text can be written without quotes. It starts with a letter or is a path, and no version of
  /// YAML reads it as a boolean or null.
  private static func isPlain(_ text: String) -> Bool {
    let name = text.hasPrefix("/") ? text.dropFirst() : text[...]
    guard isName(name, "._/-", upTo: 107), let first = name.utf8.first,
      (first | 0x20) &- UInt8(ascii: "a") < 26
    else { return false }
    return !["true", "false", "yes", "no", "on", "off", "y", "n", "null"].contains(text.lowercased())
  }
}

extension JSON {
  /// Whether the value is written on one line.
  fileprivate var isFlat: Bool {
    switch self {
    case .object(let members):
      members.count <= 5 && members.allSatisfy { $0.key != "spec" && $0.value.isFlat && !$0.value.isList }
    case .array(let elements): elements.allSatisfy { if case .object = $0 { false } else { $0.isFlat } }
    default: true
    }
  }

  private var isList: Bool { if case .array = self { true } else { false } }

  fileprivate var name: String {
    guard case .object(let members) = self,
      case .string(let name)? = members.first(where: { $0.key == "name" })?.value
    else { return "" }
    return name
  }
}
