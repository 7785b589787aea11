import Documents
import Files
import HostModel

/// Which domain an XML must be of, as far as that is known.
public struct DomainIdentity: Sendable {
  /// The guest, in messages.
  public var guest: String
  /// The domain's name; nil where the manifest leaves it open.
  public var name: Located<String>?
  /// The UUID that the manifest pins.
  public var uuid: Located<String>?
  /// The UUIDs of the host's domains, with their names.
  public var domains: [String: String]

  public init(
    guest: String, name: Located<String>?, uuid: Located<String>? = nil, domains: [String: String] = [:]
  ) {
    self.guest = guest
    self.name = name
    self.uuid = uuid
    self.domains = domains
  }

  /// A name or a UUID that the XML leaves out is not compared.
  func check(_ root: XMLElement, in source: Source) throws(Diagnostics) {
    if let element = root.first("uuid") {
      let found = Self.uuid(element.text)
      if let uuid, found != uuid.value {
        throw other(
          "its UUID is \(shortened(element.text.trimmed)), and \(guest) pins \(uuid.value)", element, source,
          uuid.place, help: "give the XML of that domain, or correct libvirt.uuid")
      }
      if uuid == nil, let name, let owner = found.flatMap({ domains[$0] }), owner != name.value {
        throw other(
          "its UUID is that of the domain \(owner), and \(guest) is the domain \(name.value)", element,
          source,
          name.place, help: help(name.value))
      }
    }
    if let name, let element = root.first("name"), element.text != name.value {
      throw other(
        "its name is \(shortened(element.text)), and \(guest) is the domain \(name.value)", element, source,
        name.place, help: help(name.value))
    }
  }

  private func help(_ name: String) -> String {
    "virsh dumpxml --inactive \(shellWord(name)) prints the XML of the guest; or correct libvirt.domain of \(guest)"
  }

  private func other(
    _ why: String, _ element: XMLElement, _ source: Source, _ related: Place?, help: String
  ) -> Diagnostics {
    Diagnostics(
      code: "other-domain", "this is the XML of another domain: \(why)",
      at: Place(source: source, mark: source.mark(ofByte: element.range.lowerBound)), related: related,
      help: help)
  }

  /// libvirt takes upper case, spaces around it, and dashes anywhere or nowhere.
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
