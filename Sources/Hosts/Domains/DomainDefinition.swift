import Documents
import HostModel

/// The definition of a domain, and the one host device in it that is edited in place.
///
/// The text may contain passwords (`VIR_DOMAIN_XML_SECURE`), so no part of it goes into an error, an output
/// or a journal.
struct DomainDefinition {
  private let text: [UInt8]
  private let root: XMLElement
  private let device: HostdevXML

  /// - Parameter address: the host function of the device to edit.
  /// - Throws: `Diagnostic` if the XML cannot be parsed, or does not have exactly one device for the
  ///   function. The message quotes nothing of the text.
  init(_ text: [UInt8], of name: String, editing address: PCIAddress) throws(Diagnostics) {
    self.text = text
    do throws(Diagnostics) { root = try XMLReader.document(of: Source(name: name, text: text)) } catch {
      throw Diagnostics(code: "xml", "cannot read the definition of \(name)")
    }
    let devices = (root.first("devices")?.elements ?? []).compactMap { HostdevXML($0, in: text) }
      .filter { $0.hostdev.address == address }
    guard let device = devices.first, devices.count == 1 else {
      throw Diagnostics(
        code: "xml",
        devices.isEmpty
          ? "\(name) does not have \(address) in its definition"
          : "\(name) has \(address) \(devices.count) times in its definition")
    }
    self.device = device
  }

  /// The device as the definition has it.
  var hostdev: Hostdev { device.hostdev }

  /// The XML of the device, converted to this kind of device; nil if the fields of `Hostdev` express all of
  /// it.
  func element(as device: Hostdev.ElementKind) -> String? {
    device == hostdev.device ? hostdev.element : self.device.converted(to: device, in: text)
  }

  /// The definition with the device changed to `goal`. References to devices by alias are edited so that each
  /// still refers to the same device.
  ///
  /// - Throws: `Diagnostic` if a reference cannot be edited, or an element occurs twice in the device.
  func text(with goal: Hostdev) throws(Diagnostics) -> [UInt8] {
    let edits =
      goal.device == device.hostdev.device
      ? device.edits(to: goal, in: text) : [try device.replacement(as: goal, in: text)]
    let before = DeviceAliases(of: root, in: text)
    let after = DeviceAliases(
      of: root, in: text, after: [device.element.range.lowerBound: .named(goal.alias)])
    guard let result = XMLEdit.apply(edits + (try before.edits(to: after)), to: text) else {
      throw Diagnostics(code: "xml", "the definition names the same part of \(goal.address) twice")
    }
    return result
  }

  /// The definition without the device and without the aliases by which other parts refer to devices. An edit
  /// of the device leaves this unchanged.
  var rest: [UInt8] {
    let references = DeviceAliases(of: root, in: text).references.compactMap(\.range)
    let cuts = references.map { XMLEdit($0, "") } + [XMLEdit.removal(of: device.element.range, in: text)]
    return XMLEdit.apply(cuts, to: text) ?? []
  }

  /// The SHA-256 of `rest`, by which a journal records it.
  var digest: String { SHA256.hexDigest(of: rest) }

  /// The passwords in the definition, which libvirt includes only with `VIR_DOMAIN_XML_SECURE`.
  var secrets: [String] { Self.secrets(in: root) }

  private static func secrets(in element: XMLElement) -> [String] {
    element.attributes.filter { $0.name == "passwd" }.map(\.value) + element.elements.flatMap(secrets)
  }
}
