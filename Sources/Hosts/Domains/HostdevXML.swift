import Documents
import HostModel

/// A host's PCI function in a domain's XML: `<hostdev>`, or `<interface type='hostdev'>`.
struct HostdevXML {
  let element: XMLElement
  let hostdev: Hostdev

  /// Nil where the element is something else, USB or a mediated device for example.
  init?(_ element: XMLElement, in text: [UInt8]) {
    guard let device = Self.device(of: element), let address = Self.source(of: element) else { return nil }
    let alias = element.first("alias")?[attribute: "name"].flatMap { isAlias($0) ? $0 : nil }
    let place = element.first("address").flatMap { $0[attribute: "type"] == "pci" ? $0 : nil }
    let partner = element.first("teaming").flatMap { $0[attribute: "persistent"] }
    let driver = element.first("driver").flatMap { $0[attribute: "model"] ?? $0[attribute: "name"] }
    self.element = element
    hostdev = Hostdev(
      address: address, alias: alias, isManaged: element[attribute: "managed"] == "yes",
      guestAddress: place.flatMap { PCIAddress(libvirt: $0) }.flatMap { $0.isUnassigned ? nil : $0 },
      device: device,
      driver: driver.flatMap { isFileName($0) ? $0 : nil },
      mac: device == .interface
        ? element.first("mac")?[attribute: "address"].flatMap { MACAddress($0) } : nil,
      vlan: device == .interface ? Self.vlan(of: element) : nil,
      element: Self.isPlain(element, device) ? nil : String(decoding: text[element.range], as: UTF8.self),
      isUnassigned: element.first("address")?[attribute: "type"] == "unassigned",
      partner: partner.flatMap { isAlias($0) ? $0 : nil })
  }

  /// Nil where it is something else. An element without a mode is one of libvirt's default, subsystem.
  static func device(of element: XMLElement) -> Hostdev.Device? {
    switch (element.name, element[attribute: "type"]) {
    case ("hostdev", "pci") where element[attribute: "mode"] ?? "subsystem" == "subsystem": .hostdev
    case ("interface", "hostdev")
    where element.first("source")?.first("address")?[attribute: "type"] ?? "pci" == "pci":
      .interface
    default: nil
    }
  }

  /// The function on the host. Of an address that is left out each part is 0.
  private static func source(of element: XMLElement) -> PCIAddress? {
    guard let source = element.first("source") else { return nil }
    guard let address = source.first("address") else {
      return PCIAddress(domain: 0, bus: 0, device: 0, function: 0)
    }
    return PCIAddress(libvirt: address)
  }

  /// The number of the one VLAN that it is in; several are a trunk's.
  private static func vlan(of element: XMLElement) -> Int? {
    guard let tags = element.first("vlan")?.elements.filter({ $0.name == "tag" }), tags.count == 1 else {
      return nil
    }
    return tags[0][attribute: "id"].flatMap { Int($0) }.flatMap { (0...4095).contains($0) ? $0 : nil }
  }

  /// Whether the fields of a `Hostdev` say all of it.
  private static func isPlain(_ element: XMLElement, _ device: Hostdev.Device) -> Bool {
    guard element.attributes.allSatisfy({ ["mode", "type", "managed"].contains($0.name) }) else {
      return false
    }
    return element.elements.allSatisfy { part in
      switch part.name {
      case "mac" where device == .interface:
        part.attributes.count == 1 && part[attribute: "address"].flatMap { MACAddress($0) } != nil
      case "vlan" where device == .interface:
        part.attributes.isEmpty && part.elements.count == 1 && part.elements[0].attributes.count == 1
          && vlan(of: element) != nil
      case "source":
        part.attributes.isEmpty && part.elements.count == 1 && part.elements[0].name == "address"
          && isPlainAddress(part.elements[0])
      case "alias": part.attributes.count <= 1
      case "address": part[attribute: "type"] == "pci" && isPlainAddress(part)
      // What libvirt shows of each that runs.
      case "driver": part.attributes.count == 1 && part[attribute: "name"] == "vfio"
      default: false
      }
    }
  }

  /// Numbers, and nothing else: no `multifunction`, no `<zpci>`.
  private static func isPlainAddress(_ element: XMLElement) -> Bool {
    let known: Set = ["type", "domain", "bus", "slot", "function"]
    return element.elements.isEmpty && element.attributes.allSatisfy { known.contains($0.name) }
  }
}
