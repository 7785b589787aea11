import Documents
import HostModel
import SystemPackage

/// What `ip -details -json address show` tells of interfaces and sysfs does not: addresses, permanent MACs,
/// kinds.
struct InterfaceAddresses: Equatable {
  struct Link: Equatable {
    /// Nil where it is the same as the address: `ip` shows it only when it differs.
    var permanentMAC: MACAddress?
    var kind: HostUse.Kind?
    var addresses: [String] = []
  }

  private(set) var links: [String: Link] = [:]

  init(_ source: Source) throws(Diagnostic) {
    let document = try JSONReader.document(of: source)
    guard case .sequence(let elements) = document.content else {
      let place = Place(source: source, mark: document.mark)
      throw Diagnostic(code: "wrong-type", "a list of interfaces was expected", at: place)
    }
    for element in elements {
      // `ip` writes empty objects for what a filter took out.
      if case .mapping(let members) = element.content, members.isEmpty { continue }
      guard let name = element["ifname"]?.text, isInterfaceName(name) else {
        let place = Place(source: source, mark: element.mark)
        throw Diagnostic(code: "missing-key", "an interface without a name", at: place)
      }
      links[name] = Link(element)
    }
  }
}

extension InterfaceAddresses.Link {
  fileprivate init(_ node: Node) {
    permanentMAC = node["permaddr"]?.text.flatMap { MACAddress($0) }
    kind = (node["linkinfo"]?["info_kind"]?.text).flatMap { HostUse.Kind(linkKind: $0) }
    guard case .sequence(let infos) = node["addr_info"]?.content else { return }
    for info in infos {
      guard let local = info["local"]?.text, (2...45).contains(local.utf8.count),
        local.utf8.allSatisfy({ Self.characters.contains($0) })
      else { continue }
      // Every interface that is up has a link-local address of IPv6: no use is made of it by that alone.
      if info["family"]?.text == "inet6", info["scope"]?.text == "link" { continue }
      let length = info["prefixlen"]?.text.flatMap { Int($0) }.map { "/\($0)" } ?? ""
      addresses.append(local + length)
    }
  }

  private static let characters = Set("0123456789abcdefABCDEF:.".utf8)
}

extension Node {
  /// As ip(8) prints a value, in quotes or without.
  var text: String? {
    if case .scalar(let scalar) = content { scalar.text } else { nil }
  }
}
