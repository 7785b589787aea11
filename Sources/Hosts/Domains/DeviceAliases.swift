import Documents
import HostModel
import Planning

/// Which alias each host device of a definition has at the next start, and where the rest of the definition refers to one.
///
/// libvirt keeps the aliases that begin with `ua-`, and numbers the other host devices `hostdev0`, `hostdev1`, … in
/// their order, interfaces of type hostdev first (https://libvirt.org/formatdomain.html#devices). So a device that gets
/// an alias of its own moves the numbers of those behind it.
struct DeviceAliases {
  /// Of each host device, by where its element begins.
  private let aliases: [Int: String]
  private(set) var references: [Reference] = []

  /// A place in the text that names a device.
  struct Reference {
    let reference: AliasReference
    /// Of the alias alone. What XML writes by character references cannot be edited; it has no range.
    let range: Range<Int>?
  }

  /// What becomes of a device.
  enum Change {
    case removed
    /// The alias that a user gives; nil where libvirt makes one up.
    case named(String?)
  }

  /// - Parameter changes: to devices, by where their elements begin.
  init(of domain: XMLElement, in text: [UInt8], after changes: [Int: Change] = [:]) {
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

  subscript(element: XMLElement) -> String? { aliases[element.range.lowerBound] }

  /// The edits that keep each reference at its device where devices come to have other aliases.
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
          code: "alias-reference", "the definition refers to \(alias), a device that the change removes",
          help: "remove what refers to it first: \(reference.reference.place.words)")
      }
      guard let new = renamed[alias], new != alias else { continue }
      guard reference.reference.place != .argument, let range = reference.range else {
        throw Diagnostics(
          code: "alias-reference",
          "an argument of <qemu:commandline> refers to the device by its alias \(alias)",
          help: "remove the argument, or name another alias in it")
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
          reference: AliasReference(place: .override, alias: attribute.value),
          range: attribute.inside.count == attribute.value.utf8.count ? attribute.inside : nil))
    }
    var isSet = false
    for argument in qemu.arguments(in: domain) {
      for (offset, alias) in names(in: argument.value) where aliases.contains(alias) {
        let isWritten = argument.inside.count == argument.value.utf8.count
        let start = argument.inside.lowerBound + offset
        let isProperty = isSet && offset == property.utf8.count && argument.value.hasPrefix(property)
        result.append(
          Reference(
            reference: AliasReference(place: isProperty ? .set : .argument, alias: alias),
            range: isWritten ? start..<(start + alias.utf8.count) : nil))
      }
      isSet = argument.value == "-set" || argument.value == "--set"
    }
    return result
  }

  /// How a value of `-set` begins that is about a device.
  private static let property = "device."

  /// The words of an argument that an alias could be, with the byte where each begins.
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

/// libvirt's elements for what only QEMU understands (https://libvirt.org/drvqemu.html#pass-through-of-arbitrary-qemu-commands).
struct QEMUNamespace {
  private let prefix: String

  /// Nil where the domain does not declare it.
  init?(of domain: XMLElement) {
    let declared = domain.attributes.first { attribute in
      attribute.name.hasPrefix("xmlns:") && attribute.value == "http://libvirt.org/schemas/domain/qemu/1.0"
    }
    guard let declared else { return nil }
    prefix = String(declared.name.dropFirst("xmlns:".count))
  }

  /// The elements that override properties of one device each.
  func overrides(in domain: XMLElement) -> [XMLElement] {
    domain.all("\(prefix):override").flatMap { $0.all("\(prefix):device") }
  }

  /// The arguments that libvirt hands to QEMU as they are.
  func arguments(in domain: XMLElement) -> [XMLAttribute] {
    domain.all("\(prefix):commandline").flatMap { $0.all("\(prefix):arg") }.compactMap { argument in
      argument.attributes.first { $0.name == "value" }
    }
  }
}
