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
}

extension HostdevXML {
  /// Numbers, and nothing else: no `multifunction`, no `<zpci>`.
  private static func isPlainAddress(_ element: XMLElement) -> Bool {
    let known: Set = ["type", "domain", "bus", "slot", "function"]
    return element.elements.isEmpty && element.attributes.allSatisfy { known.contains($0.name) }
  }

  /// The element as the other kind of device, at the same place.
  func replacement(as goal: Hostdev, in text: [UInt8]) throws(Diagnostic) -> XMLEdit {
    var goal = goal
    goal.guestAddress = goal.guestAddress ?? hostdev.guestAddress
    goal.element = goal.element ?? converted(to: goal.device, in: text)
    let indentation = String(
      decoding: text[..<element.range.lowerBound].reversed().prefix { $0 == 0x20 || $0 == 0x09 }.reversed(),
      as: UTF8.self)
    let lines = try goal.libvirtXML().split(separator: "\n", omittingEmptySubsequences: false)
    // One that was read from a document still has the indentation of that one.
    let own = String(lines.last?.prefix { $0 == " " || $0 == "\t" } ?? "")
    let unindented = lines.map { $0.hasPrefix(own) ? $0.dropFirst(own.count) : $0 }
    return XMLEdit(element.range, unindented.joined(separator: "\n" + indentation))
  }

  /// What the element says beyond the fields of a `Hostdev`, as the other kind of device: a boot order, a ROM, a partner.
  /// Nil where it says no more.
  func converted(to device: Hostdev.Device, in text: [UInt8]) -> String? {
    guard hostdev.element != nil else { return nil }
    let kept = ["driver", "boot", "rom", "teaming", "alias", "acpi", "address"]
    let parts = element.elements.filter { kept.contains($0.name) }.map {
      "\n  " + String(decoding: text[$0.range], as: UTF8.self)
    }
    let (name, type, kind) =
      device == .interface
      ? ("interface", "type='hostdev'", "type='pci' ") : ("hostdev", "mode='subsystem' type='pci'", "")
    let source = "<source>\n    <address \(kind)\(hostdev.address.libvirtAttributes)/>\n  </source>"
    return
      "<\(name) \(type) managed='\(hostdev.isManaged ? "yes" : "no")'>\n  \(source)\(parts.joined())\n</\(name)>"
  }

  /// What gives the element the name, the place and the management of that device, and leaves the rest.
  func edits(to goal: Hostdev, in text: [UInt8]) -> [XMLEdit] {
    var edits: [XMLEdit] = []
    var added = ""
    // On lines of their own, where the others are.
    let last = element.elements.last
    let space = last.map { spaceBefore($0, in: text) } ?? ""
    func put(_ name: String, _ wanted: String?) {
      if let part = element.first(name) {
        let range =
          wanted == nil
          ? part.range.lowerBound - spaceBefore(part, in: text).utf8.count : part.range.lowerBound
        edits.append(XMLEdit(range..<part.range.upperBound, wanted ?? ""))
      } else if let wanted {
        added += space + wanted
      }
    }
    // What is as it is to be is left as it is written: an address says more than where the device is.
    if goal.device == .interface {
      // A MAC address that nobody asked for is libvirt's own choice, and stays.
      if let mac = goal.mac, mac != hostdev.mac { put("mac", Hostdev.xml(mac: mac)) }
      if goal.vlan != hostdev.vlan { put("vlan", goal.vlan.map { Hostdev.xml(vlan: $0) }) }
    }
    if goal.alias != hostdev.alias { put("alias", goal.alias.map { Hostdev.xml(alias: $0) }) }
    if goal.guestAddress != hostdev.guestAddress {
      put("address", goal.guestAddress.map { Hostdev.xml(guestAddress: $0) })
    }
    if goal.isManaged != hostdev.isManaged { edits.append(management(of: goal)) }
    if let last { edits.append(XMLEdit(last.range.upperBound..<last.range.upperBound, added)) }
    return edits
  }

  private func management(of goal: Hostdev) -> XMLEdit {
    let managed = "managed='\(goal.isManaged ? "yes" : "no")'"
    if let attribute = element.attributes.first(where: { $0.name == "managed" }) {
      return XMLEdit(attribute.range, managed)
    }
    let end = element.range.lowerBound + 1 + element.name.utf8.count
    return XMLEdit(end..<end, " " + managed)
  }

  private func spaceBefore(_ part: XMLElement, in text: [UInt8]) -> String {
    let space = text[..<part.range.lowerBound].reversed().prefix { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
    return String(decoding: space.reversed(), as: UTF8.self)
  }
}

extension Hostdev {
  /// What its element says beyond the fields, as the other kind of device.
  func element(as device: Device) throws(Diagnostic) -> String? {
    guard let element, device != self.device else { return element }
    return try HostdevElement(element).converted(to: device)
  }

  /// The element that gives a domain this device.
  func libvirtXML() throws(Diagnostic) -> String {
    guard let element else { return plainXML }
    return try HostdevElement(element).text(of: self)
  }

  private var plainXML: String {
    let (name, type) =
      device == .interface ? ("interface", "type='hostdev'") : ("hostdev", "mode='subsystem' type='pci'")
    let before = [mac.map { Self.xml(mac: $0) }].compactMap { $0 }
    let after = [
      partner.map { Self.xml(partner: $0) }, vlan.map { Self.xml(vlan: $0) },
      alias.map { Self.xml(alias: $0) },
      guestAddress.map { Self.xml(guestAddress: $0) },
    ].compactMap { $0 }
    // As libvirt itself prints each.
    let kind = device == .interface ? "type='pci' " : ""
    let source = ["<source>", "  <address \(kind)\(address.libvirtAttributes)/>", "</source>"]
    let inside = (before + source + after).map { "\n  " + $0 }.joined()
    return "<\(name) \(type) managed='\(isManaged ? "yes" : "no")'>\(inside)\n</\(name)>"
  }

  fileprivate static func xml(mac: MACAddress) -> String { "<mac address='\(mac)'/>" }

  fileprivate static func xml(vlan: Int) -> String { "<vlan><tag id='\(vlan)'/></vlan>" }

  fileprivate static func xml(alias: String) -> String {
    // Its form has let no other characters pass; it is escaped all the same, as all that comes from outside is.
    "<alias name='\(xmlEscaped(alias, for: .attribute) ?? "")'/>"
  }

  private static func xml(partner: String) -> String {
    "<teaming type='transient' persistent='\(xmlEscaped(partner, for: .attribute) ?? "")'/>"
  }

  fileprivate static func xml(guestAddress: PCIAddress) -> String {
    "<address type='pci' \(guestAddress.libvirtAttributes)/>"
  }
}

/// An element that says more of a device than a `Hostdev` has fields for. It may come from a plan file or a snapshot,
/// and is not handed to libvirt before it is known to be the device that it is said to be, and nothing else.
private struct HostdevElement {
  private let text: [UInt8]
  private let found: HostdevXML

  init(_ text: String) throws(Diagnostic) {
    self.text = Array(text.utf8)
    let root = try XMLReader.document(of: Source(name: "hostdev", text: self.text))
    guard let found = HostdevXML(root, in: self.text), Self.isReadAlike(root) else {
      throw Diagnostic(code: "xml", "this is no hostdev: \(shortened(text))")
    }
    self.found = found
  }

  /// Whether every version of libvirt sees the same device in it. Of two addresses some take the first and some the
  /// last, and most look past prefixes; libvirt itself writes neither.
  private static func isReadAlike(_ root: XMLElement) -> Bool {
    let single = ["source", "address", "alias", "driver", "mac", "vlan"]
    return single.allSatisfy { root.all($0).count <= 1 }
      && root.first("source")?.all("address").count == 1 && !hasNamespaces(root)
  }

  private static func hasNamespaces(_ element: XMLElement) -> Bool {
    element.name.utf8.contains(UInt8(ascii: ":"))
      || element.attributes.contains { $0.name == "xmlns" || $0.name.utf8.contains(UInt8(ascii: ":")) }
      || element.elements.contains(where: hasNamespaces)
  }

  func converted(to device: Hostdev.Device) -> String? { found.converted(to: device, in: text) }

  func text(of hostdev: Hostdev) throws(Diagnostic) -> String {
    guard found.hostdev.address == hostdev.address, found.hostdev.device == hostdev.device else {
      throw Diagnostic(
        code: "xml", "the XML of \(hostdev.address) is that of \(found.hostdev.address)")
    }
    guard let edited = XMLEdit.apply(found.edits(to: hostdev, in: text), to: text) else {
      throw Diagnostic(code: "xml", "the XML of \(hostdev.address) names it twice")
    }
    return String(decoding: edited, as: UTF8.self)
  }
}
