import Documents
import HostModel
import SystemPackage

/// What `ip -details -json address show` prints about interfaces that sysfs does not have: addresses, permanent
/// MAC addresses, alternative names and kinds.
struct InterfaceAddresses {
  private(set) var links: [String: NetworkGraph.Interface] = [:]

  /// - Throws: `Diagnostic` if the text is not JSON, or not a list of interfaces with names.
  init(_ source: Source) throws(Diagnostics) {
    let document = try JSONReader.document(of: source)
    guard case .sequence(let elements) = document.content else {
      let place = SourceLocation(source: source, position: document.position)
      throw Diagnostics(code: "wrong-type", "expected a list of interfaces", at: place)
    }
    for element in elements {
      // ip(8) prints empty objects for interfaces that a filter removed.
      if case .mapping(let members) = element.content, members.isEmpty { continue }
      guard let name = element["ifname"]?.text, isInterfaceName(name) else {
        let place = SourceLocation(source: source, position: element.position)
        throw Diagnostics(code: "missing-key", "an interface without a name", at: place)
      }
      links[name] = NetworkGraph.Interface(element)
    }
  }
}

extension NetworkGraph.Interface {
  fileprivate init(_ node: Documents.Node) {
    self.init()
    permanentMAC = node["permaddr"]?.text.flatMap { MACAddress($0) }
    if case .sequence(let names) = node["altnames"]?.content {
      altnames = names.compactMap(\.string).filter { isAlternativeName($0) }
    }
    kind = (node["linkinfo"]?["info_kind"]?.text).flatMap { HostUse.Kind(linkKind: $0) }
    guard case .sequence(let infos) = node["addr_info"]?.content else { return }
    for info in infos {
      guard let local = info["local"]?.text.flatMap({ IPAddress($0) }) else { continue }
      add(local, length: info["prefixlen"]?.text.flatMap { Int($0) })
    }
  }
}

extension Node {
  /// The text of a scalar, with or without quotes, as ip(8) prints some numbers either way.
  var text: String? {
    if case .scalar(let scalar) = content { scalar.text } else { nil }
  }
}
