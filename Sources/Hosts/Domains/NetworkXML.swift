import Documents
import HostModel

/// What of a libvirt network's XML is about VFs that it assigns to guests (https://libvirt.org/formatnetwork.html).
struct NetworkXML {
  private let root: XMLElement

  init(_ text: [UInt8], of name: String) throws(Diagnostics) {
    root = try XMLReader.document(of: Source(name: name, text: text))
    guard root.name == "network" else {
      throw Diagnostics(code: "xml", "the XML is that of a \(shortened(root.name)), not of a network")
    }
  }

  /// `<forward mode='hostdev'>`; nil of any other network, whose guests have no VFs as devices of the host.
  private var forward: XMLElement? {
    root.first("forward").flatMap { $0[attribute: "mode"] == "hostdev" ? $0 : nil }
  }

  var isHostdev: Bool { forward != nil }

  var interfaces: [String] { forward?.all("pf").compactMap { $0[attribute: "dev"] } ?? [] }

  var addresses: [PCIAddress] {
    forward?.all("address").compactMap { $0[attribute: "type"] == "pci" ? PCIAddress(libvirt: $0) : nil }
      ?? []
  }
}
