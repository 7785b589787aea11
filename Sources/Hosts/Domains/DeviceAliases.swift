import Documents
import HostModel
import Planning

/// The alias that each host device of a definition has at the next start, and the references to these aliases
/// elsewhere in the definition.
///
/// libvirt keeps aliases that begin with `ua-` and numbers the other host devices `hostdev0`, `hostdev1`, …
/// in document order, interfaces of type hostdev first (https://libvirt.org/formatdomain.html#devices; the
/// order is measured by the lab scenario `libvirt-edit`). A device that gets a user alias therefore changes
/// the numbers of those after it.
struct DeviceAliases {
  /// The alias of each host device, by the byte offset of its element.
  private let aliases: [Int: String]
  private(set) var references: [Reference] = []

  /// A reference to a device by its alias.
  struct Reference {
    let reference: AliasReference
    /// The range of the alias alone. Nil if it is written with character references and so cannot be edited.
    let range: Range<Int>?
  }

  /// A change of a device.
  enum AliasChange {
    case removed
    /// The device gets this user alias; if nil, libvirt generates one.
    case named(String?)
  }

  /// - Parameter changes: the changes of devices, by the byte offsets of their elements.
  init(of domain: XMLElement, in text: [UInt8], after changes: [Int: AliasChange] = [:]) {
    let devices = domain.first("devices")?.elements ?? []
    let hosts =
      devices.filter { $0.name == "interface" && $0[attribute: "type"] == "hostdev" }
      + devices.filter { $0.name == "hostdev" }
    var aliases: [Int: String] = [:]
    var number = 0
    for element in hosts {
      let start = element.range.lowerBound
      let own: String?
      switch changes[start] {
      case .removed: continue
      case .named(let name): own = name
      case nil: own = element.first("alias")?[attribute: "name"]
      }
      if let own = Ownership.userAlias(own) {
        aliases[start] = own
      } else {
        aliases[start] = "hostdev\(number)"
        number += 1
      }
    }
    self.aliases = aliases
    references = Self.references(in: domain, text, to: Set(aliases.values))
  }

  /// The alias of the device of this element.
  subscript(element: XMLElement) -> String? { aliases[element.range.lowerBound] }

  /// The edits of references that are needed because the aliases of devices change.
  ///
  /// - Throws: `Diagnostic` with code `alias-reference` if a reference is to a removed device, or cannot be
  ///   edited.
  func edits(to after: DeviceAliases) throws(Diagnostics) -> [XMLEdit] {
    var renamed: [String: String] = [:]
    var removed: Set<String> = []
    for (start, alias) in aliases {
      if let new = after.aliases[start] { renamed[alias] = new } else { removed.insert(alias) }
    }
    var edits: [XMLEdit] = []
    for reference in references {
      let alias = reference.reference.alias
      if removed.contains(alias) {
        throw Diagnostics(
          code: "alias-reference", "the definition refers to \(alias), which the change removes",
          help: "first remove what refers to it: \(reference.reference.usage.words)")
      }
      guard let new = renamed[alias], new != alias else { continue }
      guard reference.reference.usage != .argument, let range = reference.range else {
        throw Diagnostics(
          code: "alias-reference",
          "an argument of <qemu:commandline> refers to the device by its alias \(alias)",
          help: "remove the argument, or use another alias in it")
      }
      edits.append(XMLEdit(range, new))
    }
    return edits
  }

  // MARK: What refers to a device

  private static func references(
    in domain: XMLElement, _ text: [UInt8], to aliases: Set<String>
  ) -> [Reference] {
    guard let qemu = QEMUNamespace(of: domain) else { return [] }
    var result: [Reference] = []
    for device in qemu.overrides(in: domain) {
      guard let attribute = device.attributes.first(where: { $0.name == "alias" }),
        aliases.contains(attribute.value)
      else { continue }
      result.append(
        Reference(
          reference: AliasReference(usage: .override, alias: attribute.value),
          range: attribute.contentRange.count == attribute.value.utf8.count ? attribute.contentRange : nil))
    }
    var isSet = false
    for argument in qemu.arguments(in: domain) {
      for (offset, alias) in names(in: argument.value) where aliases.contains(alias) {
        let isWritten = argument.contentRange.count == argument.value.utf8.count
        let start = argument.contentRange.lowerBound + offset
        let isProperty = isSet && offset == property.utf8.count && argument.value.hasPrefix(property)
        result.append(
          Reference(
            reference: AliasReference(usage: isProperty ? .set : .argument, alias: alias),
            range: isWritten ? start..<(start + alias.utf8.count) : nil))
      }
      isSet = argument.value == "-set" || argument.value == "--set"
    }
    return result
  }

  /// The prefix of a value of `-set` that sets a property of a device: `device.ALIAS.PROPERTY=VALUE`
  /// (qemu(1)).
  private static let property = "device."

  /// The words of an argument that may be aliases, with their byte offsets.
  private static func names(in argument: String) -> [(offset: Int, name: String)] {
    let bytes = Array(argument.utf8)
    func isPart(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || "_-".utf8.contains(byte) }
    var result: [(Int, String)] = []
    var start = 0
    while start < bytes.count {
      guard isPart(bytes[start]) else {
        start += 1
        continue
      }
      let end = bytes[start...].firstIndex { !isPart($0) } ?? bytes.count
      result.append((start, String(decoding: bytes[start..<end], as: UTF8.self)))
      start = end
    }
    return result
  }
}

/// The elements of libvirt's QEMU namespace
/// (https://libvirt.org/drvqemu.html#pass-through-of-arbitrary-qemu-commands).
struct QEMUNamespace {
  private let prefix: String

  /// Nil if the domain does not declare the namespace.
  init?(of domain: XMLElement) {
    let declared = domain.attributes.first { attribute in
      attribute.name.hasPrefix("xmlns:") && attribute.value == "http://libvirt.org/schemas/domain/qemu/1.0"
    }
    guard let declared else { return nil }
    prefix = String(declared.name.dropFirst("xmlns:".count))
  }

  /// The `<qemu:device>` elements, each of which overrides properties of one device.
  func overrides(in domain: XMLElement) -> [XMLElement] {
    domain.all("\(prefix):override").flatMap { $0.all("\(prefix):device") }
  }

  /// The arguments of `<qemu:commandline>`, which libvirt passes to QEMU unchanged.
  func arguments(in domain: XMLElement) -> [XMLAttribute] {
    domain.all("\(prefix):commandline").flatMap { $0.all("\(prefix):arg") }.compactMap { argument in
      argument.attributes.first { $0.name == "value" }
    }
  }
}
