import Documents
import HostModel

/// A domain's XML with other hostdevs in it, and each other byte as it was: comments, white space, namespaces and
/// the encoding stay.
public enum DomainEdit {
  /// Puts in what the guest is to have and lacks, mends what it has otherwise, and takes out what pcipass once put
  /// in and nothing claims any more. What somebody else put in stays, and is marked where it is claimed.
  ///
  /// - Parameter identity: the domain that it must be of, where that is known.
  public static func document(
    _ bytes: [UInt8], name: String, having hostdevs: [Hostdev], of identity: DomainIdentity? = nil
  ) throws(Diagnostic) -> [UInt8] {
    let text = try XMLText(bytes, name: name)
    let root = try XMLReader.document(of: text.source)
    guard root.name == "domain" else {
      throw Diagnostic(
        code: "xml", "this is the XML of a \(shortened(root.name)), not of a domain",
        at: Place(source: text.source, mark: text.source.mark(ofByte: root.range.lowerBound)))
    }
    try identity?.check(root, in: text.source)
    guard let devices = root.first("devices") else {
      throw Diagnostic(
        code: "xml", "this domain has no <devices>",
        at: Place(source: text.source, mark: text.source.mark(ofByte: root.range.lowerBound)),
        help: "libvirt writes them; virsh dumpxml --inactive prints the whole definition")
    }
    let edits = try DeviceEdits(devices, in: text.source).all(for: hostdevs)
    guard let edited = XMLEdit.apply(edits, to: text.source.text) else {
      throw Diagnostic(code: "xml", "\(name) names the same part of a hostdev twice")
    }
    return try text.encoded(edited)
  }
}

/// The edits of a domain's `<devices>`.
private struct DeviceEdits {
  private let text: [UInt8]
  private let devices: XMLElement
  private let present: [HostdevXML]
  private let conflicts: DeviceConflicts

  init(_ devices: XMLElement, in source: Source) {
    text = source.text
    self.devices = devices
    conflicts = DeviceConflicts(source: source, devices: devices)
    let text = text
    present = devices.elements.compactMap { HostdevXML($0, in: text) }
  }

  func all(for hostdevs: [Hostdev]) throws(Diagnostic) -> [XMLEdit] {
    try conflicts.checkAddresses()
    try conflicts.checkRepeats(of: hostdevs, among: present)
    var edits: [XMLEdit] = []
    // Where the hostdevs stand whose aliases are theirs, or go.
    var settled: Set<Int> = []
    var missing: [Hostdev] = []
    for wanted in hostdevs {
      guard let found = present.first(where: { $0.hostdev.address == wanted.address }) else {
        missing.append(wanted)
        continue
      }
      settled.insert(found.element.range.lowerBound)
      guard found.hostdev.device == wanted.device else {
        // One cannot be made the other; it comes back at its place in the guest.
        edits.append(XMLEdit(withItsLine(found.element.range), ""))
        var replacement = wanted
        replacement.guestAddress = found.hostdev.guestAddress
        missing.append(replacement)
        continue
      }
      var goal = found.hostdev
      goal.alias = wanted.alias
      goal.isManaged = wanted.isManaged
      if goal.device == .interface {
        goal.mac = wanted.mac ?? goal.mac
        goal.vlan = wanted.vlan
      }
      if goal != found.hostdev { edits += found.edits(to: goal, in: text) }
    }
    let addresses = Set(hostdevs.map(\.address))
    for found in present
    where Ownership.nic(ofAlias: found.hostdev.alias) != nil && !addresses.contains(found.hostdev.address) {
      edits.append(XMLEdit(withItsLine(found.element.range), ""))
      settled.insert(found.element.range.lowerBound)
    }
    try conflicts.checkAliases(of: hostdevs, changed: settled)
    if !missing.isEmpty { edits.append(try insertion(of: missing)) }
    return edits
  }

  /// Behind all that is there.
  private func insertion(of hostdevs: [Hostdev]) throws(Diagnostic) -> XMLEdit {
    let lineEnd = text.firstIndex(of: UInt8(ascii: "\n")).map { $0 > 0 && text[$0 - 1] == 0x0D } ?? false
    let newLine = lineEnd ? "\r\n" : "\n"
    let outer = indentation(before: devices.range.lowerBound)
    let inner = devices.elements.first.map { indentation(before: $0.range.lowerBound) } ?? outer + Self.step
    var added = ""
    for hostdev in hostdevs {
      for line in try hostdev.libvirtXML().split(separator: "\n") { added += newLine + inner + line }
    }
    guard let inside = devices.inside else {
      // `<devices/>` becomes two tags.
      return XMLEdit(devices.range, "<devices>" + added + newLine + outer + "</devices>")
    }
    let end = text[inside].lastIndex { !Self.isSpace($0) }.map { $0 + 1 } ?? inside.lowerBound
    // Where all stands on one line, the end tag comes onto one of its own.
    let isOneLine = !text[end..<inside.upperBound].contains(UInt8(ascii: "\n"))
    return XMLEdit(end..<end, added + (isOneLine ? newLine + outer : ""))
  }

  /// The element with the line end and the white space before it, where it stands on lines of its own.
  private func withItsLine(_ range: Range<Int>) -> Range<Int> {
    var start = range.lowerBound
    while start > 0, text[start - 1] == 0x20 || text[start - 1] == 0x09 { start -= 1 }
    guard start > 0, text[start - 1] == UInt8(ascii: "\n") else { return range }
    start -= 1
    if start > 0, text[start - 1] == 0x0D { start -= 1 }
    return start..<range.upperBound
  }

  private func indentation(before offset: Int) -> String {
    let line = text[..<offset].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    return String(decoding: text[line..<offset].prefix { $0 == 0x20 || $0 == 0x09 }, as: UTF8.self)
  }

  private static let step = "  "

  private static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }
}
