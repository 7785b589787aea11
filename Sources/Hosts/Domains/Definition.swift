import Documents
import HostModel

/// The definition of a domain with one of its host devices, which is edited in place.
///
/// The text may hold passwords (`VIR_DOMAIN_XML_SECURE`): none of it is in an error, an output or a journal.
struct Definition {
  private let text: [UInt8]
  private let root: XMLElement
  private let device: HostdevXML

  /// - Parameter address: of the device that is edited.
  init(_ text: [UInt8], of name: String, editing address: PCIAddress) throws(Diagnostics) {
    self.text = text
    do throws(Diagnostics) { root = try XMLReader.document(of: Source(name: name, text: text)) } catch {
      throw Diagnostics(code: "xml", "the definition of \(name) cannot be read")
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

  var hostdev: Hostdev { device.hostdev }

  /// What its element says beyond the fields of a `Hostdev`, as that kind of device.
  func element(as device: Hostdev.Device) -> String? {
    device == hostdev.device ? hostdev.element : self.device.converted(to: device, in: text)
  }

  /// The definition with the device as it is to be, and with each reference to a device at the same device as before.
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

  /// All but the device, and the aliases by which the rest refers to devices: an edit leaves it as it is.
  var rest: [UInt8] {
    let references = DeviceAliases(of: root, in: text).references.compactMap(\.range)
    let cuts = references.map { XMLEdit($0, "") } + [XMLEdit.removal(of: device.element.range, in: text)]
    return XMLEdit.apply(cuts, to: text) ?? []
  }

  var digest: String { SHA256.text(of: rest) }

  /// What libvirt shows only with `VIR_DOMAIN_XML_SECURE`.
  var secrets: [String] { Self.secrets(in: root) }

  private static func secrets(in element: XMLElement) -> [String] {
    element.attributes.filter { $0.name == "passwd" }.map(\.value) + element.elements.flatMap(secrets)
  }
}
