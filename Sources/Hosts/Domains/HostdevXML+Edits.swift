import Documents
import HostModel

/// Edits of the element of a host device.
extension HostdevXML {
  /// The edits that change alias, guest address, management, MAC address and VLAN to those of `goal`, and
  /// leave the rest.
  func edits(to goal: Hostdev, in text: [UInt8]) -> [XMLEdit] {
    var edits: [XMLEdit] = []
    var added = ""
    // Added elements are on separate lines if the last one is.
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
    // Unchanged values are not rewritten: the element may have attributes that `Hostdev` does not, such as
    // `multifunction` in an address.
    if goal.device == .interface {
      // Without a MAC address in the manifest, libvirt has generated one, which stays.
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

  /// The edit that replaces the element by one of the other kind of device, at the same guest address.
  ///
  /// - Throws: `Diagnostic` as `libvirtXML()`.
  func replacement(as goal: Hostdev, in text: [UInt8]) throws(Diagnostics) -> XMLEdit {
    var goal = goal
    goal.guestAddress = goal.guestAddress ?? hostdev.guestAddress
    goal.element = goal.element ?? converted(to: goal.device, in: text)
    let indentation = String(
      decoding: text[..<element.range.lowerBound].reversed().prefix { $0 == 0x20 || $0 == 0x09 }.reversed(),
      as: UTF8.self)
    let lines = try goal.libvirtXML().split(separator: "\n", omittingEmptySubsequences: false)
    // An element that was read from a document still has the indentation of that document.
    let own = String(lines.last?.prefix { $0 == " " || $0 == "\t" } ?? "")
    let unindented = lines.map { $0.hasPrefix(own) ? $0.dropFirst(own.count) : $0 }
    return XMLEdit(element.range, unindented.joined(separator: "\n" + indentation))
  }

  /// The element converted to the other kind of device, with what the fields of `Hostdev` do not express:
  /// boot order, ROM, teaming. Nil if the fields express all of it.
  func converted(to device: Hostdev.ElementKind, in text: [UInt8]) -> String? {
    guard hostdev.element != nil else { return nil }
    let kept = ["driver", "boot", "rom", "teaming", "alias", "acpi", "address"]
    let parts = element.elements.filter { kept.contains($0.name) }
    return hostdev.xml(as: device, after: parts.map { String(decoding: text[$0.range], as: UTF8.self) })
  }
}
