import Documents
import Files
import HostModel

/// The domain that an XML must describe, as far as it is known.
public struct DomainIdentity: Sendable {
  /// The name of the guest, for messages.
  public var guest: String
  /// The name of the domain; nil if the manifest does not give one.
  public var name: Located<String>?
  /// The UUID that the manifest gives; nil if it does not give one.
  public var uuid: Located<String>?
  /// The names of the host's domains by UUID.
  public var domains: [String: String]

  public init(
    guest: String, name: Located<String>?, uuid: Located<String>? = nil, domains: [String: String] = [:]
  ) {
    self.guest = guest
    self.name = name
    self.uuid = uuid
    self.domains = domains
  }

  /// Compares the name and the UUID of the XML with those expected. An XML without a name or UUID is
  /// accepted.
  ///
  /// - Throws: `Diagnostic` with code `other-domain` and the position in the XML.
  func check(_ root: XMLElement, in source: Source) throws(Diagnostics) {
    if let element = root.first("uuid") {
      let found = Self.uuid(element.text)
      if let uuid, found != uuid.value {
        throw other(
          "its UUID is \(quotedExcerpt(element.text.trimmed)), but \(guest) has libvirt.uuid \(uuid.value)",
          element,
          source,
          uuid.location, help: "pass the XML of that domain, or correct libvirt.uuid")
      }
      if uuid == nil, let name, let owner = found.flatMap({ domains[$0] }), owner != name.value {
        throw other(
          "its UUID is that of the domain \(owner), but \(guest) is the domain \(name.value)", element,
          source,
          name.location, help: help(name.value))
      }
    }
    if let name, let element = root.first("name"), element.text != name.value {
      throw other(
        "its name is \(quotedExcerpt(element.text)), but \(guest) is the domain \(name.value)", element,
        source,
        name.location, help: help(name.value))
    }
  }

  private func help(_ name: String) -> String {
    "virsh dumpxml --inactive \(shellWord(name)) prints the XML of the guest; or correct libvirt.domain of \(guest)"
  }

  private func other(
    _ why: String, _ element: XMLElement, _ source: Source, _ related: SourceLocation?, help: String
  ) -> Diagnostics {
    Diagnostics(
      code: "other-domain", "this is the XML of another domain: \(why)",
      at: SourceLocation(source: source, position: source.position(ofByte: element.range.lowerBound)),
      related: related,
      help: help)
  }

  /// The UUID in canonical form. libvirt accepts upper case, white space around it, and dashes anywhere or
  /// none.
  private static func uuid(_ text: String) -> String? {
    let digits = text.lowercased().filter { $0 != "-" && $0 != " " && $0 != "\n" && $0 != "\t" }
    guard digits.utf8.count == 32 else { return nil }
    var result = ""
    for (index, digit) in digits.enumerated() {
      if [8, 12, 16, 20].contains(index) { result += "-" }
      result.append(digit)
    }
    return isUUID(result) ? result : nil
  }
}

extension String {
  fileprivate var trimmed: String {
    String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }
}
