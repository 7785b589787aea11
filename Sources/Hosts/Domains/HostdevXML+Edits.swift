import Documents
import HostModel

/// What makes the element another device, and leaves the rest.
extension HostdevXML {
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
    // What does not change is left as it is written: an address says more than where the device is.
    if goal.device == .interface {
      // Where the manifest gives no MAC address, libvirt has chosen it, and it stays.
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

  /// The element as the other kind of device, at the same place.
  func replacement(as goal: Hostdev, in text: [UInt8]) throws(Diagnostics) -> XMLEdit {
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
    let parts = element.elements.filter { kept.contains($0.name) }
    return hostdev.xml(as: device, after: parts.map { String(decoding: text[$0.range], as: UTF8.self) })
  }
}
