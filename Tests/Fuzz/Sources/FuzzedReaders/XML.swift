import Documents
import HostModel

@testable import Hosts

/// Checks the XML reader, and the editor of domains.
func checkXML(_ bytes: [UInt8]) throws(Broken) {
  let text: XMLText
  let root: XMLElement
  do throws(Diagnostics) {
    text = try XMLText(bytes, name: "input")
    root = try XMLReader.document(of: text.source)
  } catch {
    return try check(error.all)
  }
  try checkRanges(root, text.source.text)
  guard let domain = try? DomainXML(text.source.text, of: "input") else { return }
  _ = (domain.isRunning, domain.freePorts)
  let host = (0...2).map { NUMANode(node: $0, cpus: NumberRanges([$0...$0])) }
  let nodes = domain.numaNodes(on: host)
  try expect(nodes.map { (1..<3).contains($0.count) } ?? true, "the nodes \(nodes ?? [])")
  try expect(domain.numaNodes(on: nil)?.count ?? 0 <= 1024, "more nodes than the kernel supports")

  let present = domain.hostdevs.filter { !$0.isCommandLineArgument }.distinct
  if let same = try edited(bytes, having: present) {
    try expect(same == bytes, "what is there already was put in: \(shown(same))")
  }
  try checkMoved(present)
  for wanted in [[], [lan, dmz, pool]] {
    guard let edited = try edited(bytes, having: wanted) else { continue }
    try checkEdit(of: text.source.text, root, to: edited, having: wanted)
  }
  let concerned = present.contains { $0.address == lan.address || Ownership.nic(ofAlias: $0.alias) != nil }
  if !concerned { try checkThereAndBack(bytes, text.source.text, root) }
}

private let lan = Hostdev(address: address(bus: 3), alias: "ua-pcipass-lan", isManaged: true)
private let dmz = Hostdev(address: address(bus: 5), alias: "ua-pcipass-dmz", isManaged: false)

private let pool = Hostdev(
  address: address(bus: 7), alias: "ua-pcipass-pool", isManaged: true, device: .interface,
  mac: MACAddress("52:54:00:00:00:07"), vlan: 7)

private func address(bus: UInt32) -> PCIAddress {
  guard let address = PCIAddress(domain: 0, bus: bus, device: 0, function: 0) else {
    preconditionFailure("no address of PCI")
  }
  return address
}

private func shown(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self).debugDescription }

/// The document with these hostdevs; nil where it is refused.
private func edited(_ bytes: [UInt8], having hostdevs: [Hostdev]) throws(Broken) -> [UInt8]? {
  do throws(Diagnostics) {
    return try DomainEdit.document(bytes, name: "input", having: hostdevs)
  } catch {
    try check(error.all)
    return nil
  }
}

/// Checks that each part is at its range of the text.
private func checkRanges(_ element: XMLElement, _ text: [UInt8]) throws(Broken) {
  let name = Array(element.name.utf8)
  try expect(
    text[element.range].starts(with: [UInt8(ascii: "<")] + name)
      && text[element.range].last == UInt8(ascii: ">"),
    "no element at \(element.range)")
  for attribute in element.attributes {
    try expect(text[attribute.range].starts(with: attribute.name.utf8), "no attribute at \(attribute.range)")
  }
  var end = element.contentRange?.lowerBound ?? element.range.upperBound
  for part in element.elements {
    try expect(part.range.lowerBound >= end, "\(part.range) overlaps what is before it")
    try checkRanges(part, text)
    end = part.range.upperBound
  }
  try expect(
    end <= element.contentRange?.upperBound ?? element.range.upperBound, "\(end) lies behind \(element.range)"
  )
}

/// Checks that an edited document is accepted again, has the wanted hostdevs and is otherwise
/// unchanged.
private func checkEdit(
  of text: [UInt8], _ root: XMLElement, to edited: [UInt8], having wanted: [Hostdev]
) throws(Broken) {
  let result: XMLText
  let newRoot: XMLElement
  let again: [UInt8]
  let hostdevs: [Hostdev]
  do throws(Diagnostics) {
    result = try XMLText(edited, name: "edited")
    newRoot = try XMLReader.document(of: result.source)
    hostdevs = try DomainXML(result.source.text, of: "edited").hostdevs
    again = try DomainEdit.document(edited, name: "edited", having: wanted)
  } catch {
    throw Broken("refused once edited: \(error.message) \(shown(edited))")
  }
  try expect(again == edited, "edited again: \(shown(edited)) to \(shown(again))")
  for device in wanted {
    try expect(
      hostdevs.contains {
        $0.address == device.address && $0.alias == device.alias && $0.isManaged == device.isManaged
          && $0.device == device.device
          && (device.device == .hostdev || $0.mac == device.mac && $0.vlan == device.vlan)
      }, "lacks \(device.address): \(shown(edited))")
  }
  let before = Kept(root, text, wanted)
  let after = Kept(newRoot, result.source.text, wanted, besides: before.remade)
  try expect(
    before.above == after.above && before.below == after.below && after.devices.starts(with: before.devices),
    "more was edited than the hostdevs: \(shown(edited))")
}

/// Checks that a device can be added and removed without a trace, where this does not add line ends
/// to an element that had none.
private func checkThereAndBack(_ bytes: [UInt8], _ text: [UInt8], _ root: XMLElement) throws(Broken) {
  guard let there = try edited(bytes, having: [lan]) else { return }
  // A reference to the device prevents its removal.
  guard let back = try edited(there, having: []) else { return }
  let inside = root.first("devices")?.contentRange ?? 0..<0
  let end =
    text[inside].lastIndex { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }.map { $0 + 1 } ?? inside.lowerBound
  if text[end..<inside.upperBound].contains(UInt8(ascii: "\n")) {
    try expect(back == bytes, "there and back: \(shown(back))")
  }
  let thereAgain = try edited(back, having: [lan])
  try expect(thereAgain == there, "there, back and there: \(thereAgain.map(shown) ?? "refused")")
}

/// The parts of a domain that an edit must not change.
private struct Kept {
  /// The text before and after `<devices>`, without the aliases that refer to devices.
  let above: [UInt8]
  let below: [UInt8]
  /// The unedited parts of each device that stays.
  let devices: [String]
  /// The devices that become another kind of device.
  private(set) var remade: Set<PCIAddress> = []

  init(
    _ root: XMLElement, _ text: [UInt8], _ wanted: [Hostdev], besides known: Set<PCIAddress> = []
  ) {
    let devices = root.first("devices")
    let range = devices?.range ?? root.range
    let references = DeviceAliases(of: root, in: text).references.compactMap(\.range)
    func uncut(_ part: Range<Int>) -> [UInt8] {
      part.filter { offset in !references.contains { $0.contains(offset) } }.map { text[$0] }
    }
    above = uncut(0..<range.lowerBound)
    below = uncut(range.upperBound..<text.count)
    let kinds = Dictionary(wanted.map { ($0.address, $0.device) }, uniquingKeysWith: { first, _ in first })
    var claimed: Set<PCIAddress> = []
    var remade = known
    self.devices = (devices?.elements ?? []).compactMap { element in
      guard let found = HostdevXML(element, in: text) else { return Self.text(element.range, text) }
      let address = found.hostdev.address
      if let kind = kinds[address], claimed.insert(address).inserted {
        if kind != found.hostdev.device { remade.insert(address) }
        return remade.contains(address) ? "\(address)" : Self.unedited(element, text)
      }
      let isLeftOver = Ownership.nic(ofAlias: found.hostdev.alias) != nil && kinds[address] == nil
      return isLeftOver ? nil : Self.text(element.range, text)
    }
    self.remade = remade
  }

  /// All but the alias, `managed`, and the MAC address and VLAN that libvirt sets on a VF.
  private static func unedited(_ element: XMLElement, _ text: [UInt8]) -> String {
    let attributes = element.attributes.filter { $0.name != "managed" }.map { Self.text($0.range, text) }
    let edited = (element.name == "interface" ? ["alias", "mac", "vlan"] : ["alias"]).map { name in
      element.elements.firstIndex { $0.name == name }
    }
    let parts = element.elements.indices.filter { !edited.contains($0) }
    return ([element.name] + attributes + parts.map { Self.text(element.elements[$0].range, text) })
      .joined(separator: " ")
  }

  private static func text(_ range: Range<Int>, _ text: [UInt8]) -> String {
    String(decoding: text[range], as: UTF8.self)
  }
}

/// Checks that hostdevs are unchanged when they are added to another domain, as a rollback does.
private func checkMoved(_ hostdevs: [Hostdev]) throws(Broken) {
  guard let moved = try edited(Array("<domain><devices/></domain>".utf8), having: hostdevs) else { return }
  guard let found = try? DomainXML(moved, of: "moved").hostdevs else {
    throw Broken("refused once moved: \(shown(moved))")
  }
  try expect(
    found.count == hostdevs.count
      && zip(found, hostdevs).allSatisfy { $0.isSame(inLibvirt: $1) && $0.guestAddress == $1.guestAddress },
    "other hostdevs once moved: \(shown(moved))")
}

extension [Hostdev] {
  /// The first device of each address.
  fileprivate var distinct: [Hostdev] {
    var seen: Set<PCIAddress> = []
    return filter { seen.insert($0.address).inserted }
  }
}
