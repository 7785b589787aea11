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
    /// With their lengths, link-local ones of IPv6 left out: every interface that is up has one, and no use is made of
    /// it by that alone.
    private(set) var addresses: [String] = []
    private(set) var all: Set<IPAddress> = []

    mutating func add(_ address: IPAddress, length: Int?) {
      all.insert(address)
      if !address.isLinkLocal { addresses.append("\(address)" + (length.map { "/\($0)" } ?? "")) }
    }
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
      guard let local = info["local"]?.text.flatMap({ IPAddress($0) }) else { continue }
      add(local, length: info["prefixlen"]?.text.flatMap { Int($0) })
    }
  }
}

extension Node {
  /// As ip(8) prints a value, in quotes or without.
  var text: String? {
    if case .scalar(let scalar) = content { scalar.text } else { nil }
  }
}
