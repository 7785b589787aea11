import Documents
import HostModel

/// What libvirt would not take of a domain's devices once hostdevs are put in: it says so without a place.
struct DeviceConflicts {
  let source: Source
  let devices: XMLElement

  /// A hostdev whose address makes no sense would be left out, and the function put in a second time.
  func checkAddresses() throws(Diagnostics) {
    for element in devices.elements {
      guard HostdevXML.device(of: element) != nil, HostdevXML(element, in: source.text) == nil else {
        continue
      }
      guard let address = element.first("source")?.first("address") else {
        throw error("this \(element.name) has no <source>", at: element)
      }
      let parts = ["domain", "bus", "slot", "function"].compactMap { name in
        address[attribute: name].map { "\(name)=\(shortened($0))" }
      }
      throw error(
        "this is not a PCI address: \(parts.joined(separator: " "))", at: address,
        help:
          "a domain of up to 0xffffffff, a bus of up to 0xff, a slot of up to 0x1f and a function of up to 7")
    }
  }

  /// libvirt takes each function once.
  func checkRepeats(of wanted: [Hostdev], among present: [HostdevXML]) throws(Diagnostics) {
    let addresses = Set(wanted.map(\.address))
    var seen: [PCIAddress: XMLElement] = [:]
    for found in present where addresses.contains(found.hostdev.address) {
      guard let first = seen.updateValue(found.element, forKey: found.hostdev.address) else { continue }
      throw error(
        "\(found.hostdev.address) is in this XML twice", at: found.element, related: first,
        help: "take one of the two out: libvirt takes each function once")
    }
  }

  /// An alias that another tool gave is by what it knows the device.
  func checkOwners(
    of wanted: [Hostdev], among present: [HostdevXML], _ allowed: Set<PCIAddress>
  ) throws(Diagnostics) {
    let addresses = Set(wanted.map(\.address)).subtracting(allowed)
    for found in present where addresses.contains(found.hostdev.address) {
      guard let alias = Ownership.userAlias(found.hostdev.alias), Ownership.nic(ofAlias: alias) == nil else {
        continue
      }
      throw error(
        "\(found.hostdev.address) has the alias \(alias), which another tool gave it",
        at: found.element.first("alias") ?? found.element,
        help: "remove the alias, or allow: [foreign-owner] on the NIC", code: "foreign-owner")
    }
  }

  /// What an argument gives to QEMU, libvirt does not see, and QEMU refuses the second device.
  func checkArguments(of wanted: [Hostdev], _ arguments: [XMLAttribute]) throws(Diagnostics) {
    let addresses = Set(wanted.map(\.address))
    for (name, value) in zip(arguments, arguments.dropFirst()) {
      guard let found = DeviceArgument.hostdevs(in: [name.value, value.value]).first,
        addresses.contains(found.address)
      else { continue }
      throw Diagnostics(
        code: "foreign-owner", "this argument gives \(found.address) to QEMU, and the manifest to libvirt",
        at: Place(source: source, mark: source.mark(ofByte: value.range.lowerBound)),
        help: "remove the two arguments")
    }
  }

  /// The alias that marks a device must be no other's: libvirt refuses the whole definition then ("non unique alias
  /// detected").
  ///
  /// - Parameter changed: where the hostdevs stand that get another alias, or are taken out.
  func checkAliases(of wanted: [Hostdev], changed: Set<Int>) throws(Diagnostics) {
    let aliases = Set(wanted.compactMap(\.alias))
    for element in devices.elements where !changed.contains(element.range.lowerBound) {
      guard let alias = element.first("alias"), let name = alias[attribute: "name"], aliases.contains(name)
      else { continue }
      throw error(
        "this \(element.name) has the alias \(name), which marks a NIC of pcipass's", at: alias,
        help: "give it another alias, or take it out: libvirt refuses two devices with one alias",
        code: "alias")
    }
  }

  private func error(
    _ message: String, at element: XMLElement, related: XMLElement? = nil, help: String? = nil,
    code: String = "xml"
  ) -> Diagnostics {
    func place(_ element: XMLElement) -> Place {
      Place(source: source, mark: source.mark(ofByte: element.range.lowerBound))
    }
    return Diagnostics(code: code, message, at: place(element), related: related.map(place), help: help)
  }
}
