import Documents
import HostModel

/// Checks of a domain's devices before hostdevs are added. libvirt rejects the same conflicts, but without a
/// position in the XML. Each check throws a `Diagnostic` with the position of the element.
struct DeviceConflicts {
  let source: Source
  let devices: XMLElement

  /// Checks that each hostdev has a valid address. Otherwise the device would be overlooked, and its function
  /// added a second time.
  func checkAddresses() throws(Diagnostics) {
    for element in devices.elements {
      guard HostdevXML.device(of: element) != nil, HostdevXML(element, in: source.text) == nil else {
        continue
      }
      guard let address = element.first("source")?.first("address") else {
        throw error("this \(element.name) has no <source>", at: element)
      }
      let parts = ["domain", "bus", "slot", "function"].compactMap { name in
        address[attribute: name].map { "\(name)=\(quotedExcerpt($0))" }
      }
      throw error(
        "this is not a PCI address: \(parts.joined(separator: " "))", at: address,
        help:
          "the domain is at most 0xffffffff, the bus 0xff, the slot 0x1f and the function 7")
    }
  }

  /// Checks that each wanted function occurs once, because libvirt rejects a function that occurs twice.
  func checkRepeats(of wanted: [Hostdev], among present: [HostdevXML]) throws(Diagnostics) {
    let addresses = Set(wanted.map(\.address))
    var seen: [PCIAddress: XMLElement] = [:]
    for found in present where addresses.contains(found.hostdev.address) {
      guard let first = seen.updateValue(found.element, forKey: found.hostdev.address) else { continue }
      throw error(
        "\(found.hostdev.address) is in this XML twice", at: found.element, related: first,
        help: "remove one of the two: libvirt accepts each function once")
    }
  }

  /// Checks that no wanted function has an alias of another tool, by which that tool identifies the device.
  func checkOwners(
    of wanted: [Hostdev], among present: [HostdevXML], _ allowed: Set<PCIAddress>
  ) throws(Diagnostics) {
    let addresses = Set(wanted.map(\.address)).subtracting(allowed)
    for found in present where addresses.contains(found.hostdev.address) {
      guard let alias = Ownership.userAlias(found.hostdev.alias), Ownership.nic(ofAlias: alias) == nil else {
        continue
      }
      throw error(
        "\(found.hostdev.address) has the alias \(alias), which another tool set",
        at: found.element.first("alias") ?? found.element,
        help: "remove the alias, or allow: [ownership] on the NIC", code: "ownership")
    }
  }

  /// Checks that no wanted function is in an argument for QEMU. libvirt does not check these
  /// arguments, and QEMU refuses to add the device a second time.
  func checkArguments(of wanted: [Hostdev], _ arguments: [XMLAttribute]) throws(Diagnostics) {
    let addresses = Set(wanted.map(\.address))
    for (name, value) in zip(arguments, arguments.dropFirst()) {
      guard let found = DeviceArgument.hostdevs(in: [name.value, value.value]).first,
        addresses.contains(found.address)
      else { continue }
      throw Diagnostics(
        code: "ownership",
        "this argument assigns \(found.address) through QEMU, and the manifest assigns it through libvirt",
        at: SourceLocation(source: source, position: source.position(ofByte: value.range.lowerBound)),
        help: "remove the two arguments")
    }
  }

  /// Checks that no other device has the alias of a wanted one. libvirt would reject the whole definition
  /// ("non unique alias detected").
  ///
  /// - Parameter changed: the byte offsets of the devices that get another alias or are removed.
  func checkAliases(of wanted: [Hostdev], changed: Set<Int>) throws(Diagnostics) {
    let aliases = Set(wanted.compactMap(\.alias))
    for element in devices.elements where !changed.contains(element.range.lowerBound) {
      guard let alias = element.first("alias"), let name = alias[attribute: "name"], aliases.contains(name)
      else { continue }
      throw error(
        "this \(element.name) has the alias \(name), which is reserved for NICs of pcipass", at: alias,
        help: "change its alias, or remove the device: libvirt refuses two devices with one alias",
        code: "alias")
    }
  }

  private func error(
    _ message: String, at element: XMLElement, related: XMLElement? = nil, help: String? = nil,
    code: String = "xml"
  ) -> Diagnostics {
    func place(_ element: XMLElement) -> SourceLocation {
      SourceLocation(source: source, position: source.position(ofByte: element.range.lowerBound))
    }
    return Diagnostics(code: code, message, at: place(element), related: related.map(place), help: help)
  }
}
