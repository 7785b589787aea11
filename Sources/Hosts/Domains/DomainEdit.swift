import Documents
import HostModel

/// Edits of the hostdevs in a domain's XML. Every other byte stays: comments, white space, namespaces and the
/// encoding.
public enum DomainEdit {
  /// The domain with these hostdevs: missing ones are added, differing ones changed, and those with an alias
  /// of pcipass that are not wanted any more are removed. Devices without such an alias stay; if one is
  /// wanted, it gets the alias.
  ///
  /// - Parameters:
  ///   - identity: the domain that the XML must describe; nil if any is accepted.
  ///   - allowed: the functions whose alias of another tool may be replaced.
  /// - Throws: `Diagnostic` with a position if the XML cannot be parsed, is that of another domain, or
  ///   conflicts with the devices (`DeviceConflicts`).
  public static func document(
    _ bytes: [UInt8], name: String, having hostdevs: [Hostdev], of identity: DomainIdentity? = nil,
    replacingAliasesOf allowed: Set<PCIAddress> = []
  ) throws(Diagnostics) -> [UInt8] {
    let text = try XMLText(bytes, name: name)
    let root = try XMLReader.document(of: text.source)
    guard root.name == "domain" else {
      throw Diagnostics(
        code: "xml", "expected the XML of a domain, found the element \(quotedExcerpt(root.name))",
        at: SourceLocation(source: text.source, position: text.source.position(ofByte: root.range.lowerBound))
      )
    }
    try identity?.check(root, in: text.source)
    guard let devices = root.first("devices") else {
      throw Diagnostics(
        code: "xml", "this domain has no <devices>",
        at: SourceLocation(
          source: text.source, position: text.source.position(ofByte: root.range.lowerBound)),
        help: "every libvirt definition has <devices>; virsh dumpxml --inactive prints a whole definition")
    }
    let edits = try DeviceEdits(devices, of: root, in: text.source).all(
      for: hostdevs, replacingAliasesOf: allowed)
    guard let edited = XMLEdit.apply(edits, to: text.source.text) else {
      throw Diagnostics(code: "xml", "\(name) names the same part of a hostdev twice")
    }
    return try text.encoded(edited)
  }
}

extension DomainEdit {
  /// The definition with a device that has a boot order added, and without the `<boot dev='hd'/>` that
  /// libvirt adds when no device has one: libvirt rejects the device beside it (docs/host-behaviour.md). Nil
  /// if the definition has no such element, so that the device can be attached without an edit.
  ///
  /// - Throws: `Diagnostic` if the definition has another `<boot>` element.
  static func restoring(
    _ hostdev: Hostdev, in text: [UInt8], of name: String
  ) throws(Diagnostics) -> [UInt8]? {
    let source = Source(name: name, text: text)
    let root: XMLElement
    do throws(Diagnostics) { root = try XMLReader.document(of: source) } catch {
      throw Diagnostics(code: "xml", "cannot read the definition of \(name)")
    }
    let boots = root.first("os")?.all("boot") ?? []
    guard let boot = boots.first, let devices = root.first("devices") else { return nil }
    guard boots.count == 1, boot[attribute: "dev"] == "hd" else {
      throw Diagnostics(
        code: "xml",
        "the definition of \(name) now has <boot> in <os>; with it, libvirt refuses a device that has a boot order",
        help: "remove <boot> from <os>: virsh edit \(name)")
    }
    let insertion = try DeviceEdits(devices, of: root, in: source).insertion(of: [hostdev])
    return XMLEdit.apply([.removal(of: boot.range, in: text), insertion], to: text)
  }
}

extension Hostdev {
  /// Whether its element has `<boot order='…'/>`.
  var hasBootOrder: Bool {
    guard let element else { return false }
    let root = try? XMLReader.document(of: Source(name: "hostdev", text: Array(element.utf8)))
    return root?.first("boot") != nil
  }
}

/// The edits of a domain's `<devices>` element.
private struct DeviceEdits {
  private let text: [UInt8]
  private let root: XMLElement
  private let devices: XMLElement
  private let present: [HostdevXML]
  private let conflicts: DeviceConflicts

  init(_ devices: XMLElement, of root: XMLElement, in source: Source) {
    text = source.text
    self.root = root
    self.devices = devices
    conflicts = DeviceConflicts(source: source, devices: devices)
    let text = text
    present = devices.elements.compactMap { HostdevXML($0, in: text) }
  }

  /// The edits for `DomainEdit.document`.
  func all(
    for hostdevs: [Hostdev], replacingAliasesOf allowed: Set<PCIAddress>
  ) throws(Diagnostics) -> [XMLEdit] {
    try conflicts.checkAddresses()
    try conflicts.checkRepeats(of: hostdevs, among: present)
    try conflicts.checkOwners(of: hostdevs, among: present, allowed)
    try conflicts.checkArguments(of: hostdevs, QEMUNamespace(of: root)?.arguments(in: root) ?? [])
    var edits: [XMLEdit] = []
    var missing: [Hostdev] = []
    var aliases: [Int: DeviceAliases.AliasChange] = [:]
    for wanted in hostdevs {
      guard let found = present.first(where: { $0.hostdev.address == wanted.address }) else {
        missing.append(wanted)
        continue
      }
      aliases[found.element.range.lowerBound] = .named(wanted.alias)
      guard found.hostdev.device == wanted.device else {
        edits.append(try found.replacement(as: wanted, in: text))
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
      aliases[found.element.range.lowerBound] = .removed
      edits.append(XMLEdit.removal(of: found.element.range, in: text))
    }
    try conflicts.checkAliases(of: hostdevs, changed: Set(aliases.keys))
    let before = DeviceAliases(of: root, in: text)
    edits += try before.edits(to: DeviceAliases(of: root, in: text, after: aliases))
    if !missing.isEmpty { edits.append(try insertion(of: missing)) }
    return edits
  }

  /// The edit that adds devices after the last one, with the indentation and line ends of the document.
  func insertion(of hostdevs: [Hostdev]) throws(Diagnostics) -> XMLEdit {
    let lineEnd = text.firstIndex(of: UInt8(ascii: "\n")).map { $0 > 0 && text[$0 - 1] == 0x0D } ?? false
    let newLine = lineEnd ? "\r\n" : "\n"
    let outer = indentation(before: devices.range.lowerBound)
    let inner = devices.elements.first.map { indentation(before: $0.range.lowerBound) } ?? outer + Self.step
    var added = ""
    for hostdev in hostdevs {
      for line in try hostdev.libvirtXML().split(separator: "\n") { added += newLine + inner + line }
    }
    guard let contentRange = devices.contentRange else {
      // `<devices/>` becomes two tags.
      return XMLEdit(devices.range, "<devices>" + added + newLine + outer + "</devices>")
    }
    let end = text[contentRange].lastIndex { !Self.isSpace($0) }.map { $0 + 1 } ?? contentRange.lowerBound
    // If `<devices>` is on one line, the end tag is moved to a separate line.
    let isOneLine = !text[end..<contentRange.upperBound].contains(UInt8(ascii: "\n"))
    return XMLEdit(end..<end, added + (isOneLine ? newLine + outer : ""))
  }

  private func indentation(before offset: Int) -> String {
    let line = text[..<offset].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    return String(decoding: text[line..<offset].prefix { $0 == 0x20 || $0 == 0x09 }, as: UTF8.self)
  }

  private static let step = "  "

  private static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }
}
