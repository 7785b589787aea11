import Documents
import HostModel

/// What of a domain's XML is about the host's PCI functions
/// (https://libvirt.org/formatdomain.html#host-device-assignment). Nothing else of it is looked at.
struct DomainXML {
  private let text: [UInt8]
  private let root: XMLElement
  private let aliases: DeviceAliases

  init(_ text: [UInt8], of name: String) throws(Diagnostics) {
    self.text = text
    root = try XMLReader.document(of: Source(name: name, text: text))
    guard root.name == "domain" else {
      throw Diagnostics(code: "xml", "the XML is that of a \(shortened(root.name)), not of a domain")
    }
    aliases = DeviceAliases(of: root, in: text)
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
  var references: [AliasReference] { aliases.references.map(\.reference) }

  private var arguments: [String] {
    QEMUNamespace(of: root)?.arguments(in: root).map(\.value) ?? []
  }

  /// What runs, of which interfaces may have got their VF from a network of libvirt's. The definition of such a guest names
  /// the network, and the XML of what runs the VF; both have the same MAC address.
  func hostdevs(assignedBy definition: DomainXML?) -> [Hostdev] {
    let networks = definition?.networksByMAC ?? [:]
    guard !networks.isEmpty else { return hostdevs }
    return hostdevs.map { hostdev in
      var hostdev = hostdev
      if hostdev.device == .interface { hostdev.network = hostdev.mac.flatMap { networks[$0] } }
      return hostdev
    }
  }

  /// The networks that its interfaces are on, whatever these networks do: each once.
  var networks: [String] {
    var seen: Set<String> = []
    return networkInterfaces.map(\.network).filter { seen.insert($0).inserted }
  }

  private var networksByMAC: [MACAddress: String] {
    networkInterfaces.reduce(into: [:]) { result, interface in
      if let mac = interface.mac { result[mac] = interface.network }
    }
  }

  private var networkInterfaces: [(mac: MACAddress?, network: String)] {
    devices.compactMap { element in
      guard element.name == "interface", element[attribute: "type"] == "network",
        let network = element.first("source")?[attribute: "network"]
      else { return nil }
      return (element.first("mac")?[attribute: "address"].flatMap { MACAddress($0) }, network)
    }
  }

  /// How many more PCI devices can be plugged in while it runs; nil where that is not known.
  var freePorts: Int? { GuestPorts(devices).free }
}
