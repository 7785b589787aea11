import Documents
import HostModel

/// The part of a libvirt network's XML that concerns VFs (https://libvirt.org/formatnetwork.html).
struct NetworkXML {
  private let root: XMLElement

  /// - Parameter name: the name of the network, for messages.
  /// - Throws: `Diagnostic` if the XML cannot be parsed or is not that of a network.
  init(_ text: [UInt8], of name: String) throws(Diagnostics) {
    root = try XMLReader.document(of: Source(name: name, text: text))
    guard root.name == "network" else {
      throw Diagnostics(
        code: "xml", "expected the XML of a network, found the element \(quotedExcerpt(root.name))")
    }
  }

  /// `<forward mode='hostdev'>`; nil for other networks, which do not assign VFs.
  private var forward: XMLElement? {
    root.first("forward").flatMap { $0[attribute: "mode"] == "hostdev" ? $0 : nil }
  }

  /// Whether the network assigns VFs to guests.
  var isHostdev: Bool { forward != nil }

  /// The interface names of its PFs.
  var interfaces: [String] { forward?.all("pf").compactMap { $0[attribute: "dev"] } ?? [] }

  /// The VFs that it lists. libvirt lists the VFs of a PF only while the network is active.
  var addresses: [PCIAddress] {
    forward?.all("address").compactMap { $0[attribute: "type"] == "pci" ? PCIAddress(libvirt: $0) : nil }
      ?? []
  }
}
