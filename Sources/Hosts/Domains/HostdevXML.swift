import Documents
import HostModel

/// A PCI function of the host in a domain's XML: `<hostdev>` or `<interface type='hostdev'>`.
struct HostdevXML {
  let element: XMLElement
  let hostdev: Hostdev

  /// Nil if the element is another device, such as a USB or mediated device, or its source is not a PCI
  /// address.
  init?(_ element: XMLElement, in text: [UInt8]) {
    guard let device = Self.device(of: element), let address = Self.source(of: element) else { return nil }
    let alias = element.first("alias")?[attribute: "name"].flatMap { isAlias($0) ? $0 : nil }
    let place = element.first("address").flatMap { $0[attribute: "type"] == "pci" ? $0 : nil }
    let failoverPartner = element.first("teaming").flatMap { $0[attribute: "persistent"] }
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
      failoverPartner: failoverPartner.flatMap { isAlias($0) ? $0 : nil })
  }

  /// The kind of device; nil if the element is not a PCI function of the host. Without a `mode`
  /// libvirt uses the default, `subsystem`.
  static func device(of element: XMLElement) -> Hostdev.ElementKind? {
    switch (element.name, element[attribute: "type"]) {
    case ("hostdev", "pci") where element[attribute: "mode"] ?? "subsystem" == "subsystem": .hostdev
    case ("interface", "hostdev")
    where element.first("source")?.first("address")?[attribute: "type"] ?? "pci" == "pci":
      .interface
    default: nil
    }
  }

  /// The function on the host. libvirt treats a missing part of the address, or a missing address,
  /// as 0.
  private static func source(of element: XMLElement) -> PCIAddress? {
    guard let source = element.first("source") else { return nil }
    guard let address = source.first("address") else {
      return PCIAddress(domain: 0, bus: 0, device: 0, function: 0)
    }
    return PCIAddress(libvirt: address)
  }

  /// The id of its VLAN; nil if it has none, or several (a trunk).
  private static func vlan(of element: XMLElement) -> Int? {
    guard let tags = element.first("vlan")?.elements.filter({ $0.name == "tag" }), tags.count == 1 else {
      return nil
    }
    return tags[0][attribute: "id"].flatMap { Int($0) }.flatMap { (0...4095).contains($0) ? $0 : nil }
  }

  /// Whether the fields of `Hostdev` express all of the element.
  private static func isPlain(_ element: XMLElement, _ device: Hostdev.ElementKind) -> Bool {
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
      // libvirt adds `<driver name='vfio'/>` to each device in the live XML.
      case "driver": part.attributes.count == 1 && part[attribute: "name"] == "vfio"
      default: false
      }
    }
  }

  /// Whether an address has only numbers, not `multifunction` or `<zpci>`.
  private static func isPlainAddress(_ element: XMLElement) -> Bool {
    let known: Set = ["type", "domain", "bus", "slot", "function"]
    return element.elements.isEmpty && element.attributes.allSatisfy { known.contains($0.name) }
  }
}
