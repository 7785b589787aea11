import Documents
import HostModel

/// The part of a domain's XML that concerns PCI functions of the host
/// (https://libvirt.org/formatdomain.html#host-device-assignment).
struct DomainXML {
  private let text: [UInt8]
  private let root: XMLElement
  private let aliases: DeviceAliases

  /// - Parameter name: the name of the domain, for messages.
  /// - Throws: `Diagnostic` if the XML cannot be parsed or is not that of a domain.
  init(_ text: [UInt8], of name: String) throws(Diagnostics) {
    self.text = text
    root = try XMLReader.document(of: Source(name: name, text: text))
    guard root.name == "domain" else {
      throw Diagnostics(
        code: "xml", "expected the XML of a domain, found the element \(quotedExcerpt(root.name))")
    }
    aliases = DeviceAliases(of: root, in: text)
  }

  /// Whether it is the XML of a running domain: only that has an `id` attribute.
  var isRunning: Bool { root[attribute: "id"] != nil }

  var uuid: String? {
    let text = root.first("uuid").map { $0.text.lowercased() }
    return text.flatMap { isUUID($0) ? $0 : nil }
  }

  private var devices: [XMLElement] { root.first("devices")?.elements ?? [] }

  /// The host devices of the domain, then those in arguments for QEMU.
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

  /// The references to host devices by alias.
  var references: [AliasReference] { aliases.references.map(\.reference) }

  private var arguments: [String] {
    QEMUNamespace(of: root)?.arguments(in: root).map(\.value) ?? []
  }

  /// The devices of a running domain, with the libvirt network that assigned the VF, if one did.
  /// The definition of such a guest names the network, the live XML the VF; both have the same MAC
  /// address.
  func hostdevs(assignedBy definition: DomainXML?) -> [Hostdev] {
    let networks = definition?.networksByMAC ?? [:]
    guard !networks.isEmpty else { return hostdevs }
    return hostdevs.map { hostdev in
      var hostdev = hostdev
      if hostdev.device == .interface { hostdev.network = hostdev.mac.flatMap { networks[$0] } }
      return hostdev
    }
  }

  /// The networks that its interfaces are connected to, of any forward mode, without repetition.
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

  /// The NUMA nodes of the host that the domain is restricted to; nil if it is not restricted, or if that is unknown.
  func numaNodes(on host: [NUMANode]?) -> [Int]? { DomainPlacement.nodes(of: root, on: host) }

  /// The number of PCI devices that can be hot-plugged; nil if it is not known.
  var freePorts: Int? { GuestPorts(devices).free }
}
