import Documents
import HostModel

extension Hostdev {
  /// The XML of the device, converted to the other kind of device; nil if the fields express all of it.
  ///
  /// - Throws: `Diagnostic` if the stored element is not a hostdev.
  func element(as device: ElementKind) throws(Diagnostics) -> String? {
    guard let element, device != self.device else { return element }
    return try HostdevElement(element).converted(to: device)
  }

  /// The XML element for this device in a domain.
  ///
  /// - Throws: `Diagnostic` if the stored element is not a hostdev, or is that of another function.
  func libvirtXML() throws(Diagnostics) -> String {
    guard let element else { return plainXML }
    return try HostdevElement(element).text(of: self)
  }

  private var plainXML: String {
    let before = [mac.map { Self.xml(mac: $0) }].compactMap { $0 }
    let after = [
      failoverPartner.map { Self.xml(failoverPartner: $0) }, vlan.map { Self.xml(vlan: $0) },
      alias.map { Self.xml(alias: $0) },
      guestAddress.map { Self.xml(guestAddress: $0) },
    ].compactMap { $0 }
    return xml(as: device, before: before, after: after)
  }

  /// The element for the function, in the format that libvirt prints.
  ///
  /// - Parameters:
  ///   - before: the child elements before `<source>`.
  ///   - after: the child elements after it.
  func xml(as device: ElementKind, before: [String] = [], after: [String]) -> String {
    let (name, type, kind) =
      device == .interface
      ? ("interface", "type='hostdev'", "type='pci' ") : ("hostdev", "mode='subsystem' type='pci'", "")
    let source = ["<source>", "  <address \(kind)\(address.libvirtAttributes)/>", "</source>"]
    let contentRange = (before + source + after).map { "\n  " + $0 }.joined()
    return "<\(name) \(type) managed='\(isManaged ? "yes" : "no")'>\(contentRange)\n</\(name)>"
  }

  static func xml(mac: MACAddress) -> String { "<mac address='\(mac)'/>" }

  static func xml(vlan: Int) -> String { "<vlan><tag id='\(vlan)'/></vlan>" }

  static func xml(alias: String) -> String {
    // An alias cannot contain a character that needs escaping. It is escaped all the same, like
    // every external value.
    "<alias name='\(xmlEscaped(alias, for: .attribute) ?? "")'/>"
  }

  private static func xml(failoverPartner: String) -> String {
    "<teaming type='transient' persistent='\(xmlEscaped(failoverPartner, for: .attribute) ?? "")'/>"
  }

  static func xml(guestAddress: PCIAddress) -> String {
    "<address type='pci' \(guestAddress.libvirtAttributes)/>"
  }
}

/// An element that has more than the fields of a `Hostdev`. It may come from a plan file or a snapshot, so it
/// is checked to be exactly the expected device before it is passed to libvirt.
private struct HostdevElement {
  private let text: [UInt8]
  private let found: HostdevXML

  /// - Throws: `Diagnostic` if the text is not exactly one hostdev.
  init(_ text: String) throws(Diagnostics) {
    self.text = Array(text.utf8)
    let root = try XMLReader.document(of: Source(name: "hostdev", text: self.text))
    guard let found = HostdevXML(root, in: self.text), Self.isUnambiguous(root) else {
      throw Diagnostics(code: "xml", "this is not a hostdev: \(quotedExcerpt(text))")
    }
    self.found = found
  }

  /// Whether every version of libvirt reads the same device from it. If there are two addresses some versions
  /// use the first and some the last, and most ignore namespace prefixes. libvirt itself writes neither.
  private static func isUnambiguous(_ root: XMLElement) -> Bool {
    let single = ["source", "address", "alias", "driver", "mac", "vlan"]
    return single.allSatisfy { root.all($0).count <= 1 }
      && root.first("source")?.all("address").count == 1 && !hasNamespaces(root)
  }

  private static func hasNamespaces(_ element: XMLElement) -> Bool {
    element.name.utf8.contains(UInt8(ascii: ":"))
      || element.attributes.contains { $0.name == "xmlns" || $0.name.utf8.contains(UInt8(ascii: ":")) }
      || element.elements.contains(where: hasNamespaces)
  }

  func converted(to device: Hostdev.ElementKind) -> String? { found.converted(to: device, in: text) }

  /// The element with the fields of this device.
  ///
  /// - Throws: `Diagnostic` if it is another function or another kind of device.
  func text(of hostdev: Hostdev) throws(Diagnostics) -> String {
    guard found.hostdev.address == hostdev.address, found.hostdev.device == hostdev.device else {
      throw Diagnostics(
        code: "xml", "the XML of \(hostdev.address) describes \(found.hostdev.address)")
    }
    guard let edited = XMLEdit.apply(found.edits(to: hostdev, in: text), to: text) else {
      throw Diagnostics(code: "xml", "the XML of \(hostdev.address) names it twice")
    }
    return String(decoding: edited, as: UTF8.self)
  }
}
