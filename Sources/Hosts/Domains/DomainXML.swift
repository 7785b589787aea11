import Documents
import HostModel

/// What of a domain's XML is about the host's PCI functions
/// (https://libvirt.org/formatdomain.html#host-device-assignment). Nothing else of it is looked at.
struct DomainXML {
  private let text: [UInt8]
  private let root: XMLElement

  init(_ text: [UInt8], of name: String) throws(Diagnostic) {
    self.text = text
    root = try XMLReader.document(of: Source(name: name, text: text))
    guard root.name == "domain" else {
      throw Diagnostic(code: "xml", "the XML is that of a \(shortened(root.name)), not of a domain")
    }
  }

  /// Only what runs has a number.
  var isRunning: Bool { root[attribute: "id"] != nil }

  var uuid: String? {
    let text = root.first("uuid").map { $0.text.lowercased() }
    return text.flatMap { isUUID($0) ? $0 : nil }
  }

  private var devices: [XMLElement] { root.first("devices")?.elements ?? [] }

  /// The functions of the host that its devices are, then those that arguments for QEMU name.
  var hostdevs: [Hostdev] {
    let aliases = DeviceAliases(of: root, in: text)
    let slots = GuestSlots(devices)
    let devices = devices.compactMap { element -> Hostdev? in
      guard var hostdev = HostdevXML(element, in: text)?.hostdev else { return nil }
      if !aliases.references.isEmpty { hostdev.startAlias = aliases[element] }
      hostdev.slotFunctions = slots.others(beside: hostdev)
      return hostdev
    }
    return devices + DeviceArgument.hostdevs(in: arguments)
  }

  /// Where the rest of the definition refers to host devices by alias.
  var references: [AliasReference] { DeviceAliases(of: root, in: text).references.map(\.reference) }

  private var arguments: [String] {
    QEMUNamespace(of: root)?.arguments(in: root).map(\.value) ?? []
  }

  /// How many more PCI devices can be plugged in while it runs; nil where that is not known.
  var freePorts: Int? { GuestPorts(devices).free }
}
