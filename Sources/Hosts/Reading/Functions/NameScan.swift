import Files
import HostModel

/// Collects the names of the wanted ids from the lines of pci.ids.
struct NameScan {
  private var makers: [UInt16: String] = [:]
  private var models: [PCIID: String] = [:]
  private let wanted: [UInt16: Set<UInt16>]
  /// The vendor of the current lines, if it is a wanted one, and the number of its devices that are
  /// not found yet.
  private var maker: (id: UInt16, models: Set<UInt16>, missing: Int)?

  init(_ ids: Set<PCIID>) {
    wanted = Dictionary(grouping: ids, by: \.vendor).mapValues { Set($0.map(\.device)) }
  }

  var missingVendors: Set<UInt16> { Set(wanted.keys).subtracting(makers.keys) }

  /// Reads a line. Returns whether more lines are wanted: of the vendor `only`, or of any vendor if
  /// that is nil.
  @inline(__always)
  mutating func visit(_ line: Bytes, after only: UInt16?) -> Bool {
    guard line.count > 6 else { return true }
    if line[0] == UInt8(ascii: "\t") {
      return line[1] == UInt8(ascii: "\t") || maker == nil || visitModel(line) || only == nil
    }
    return line[0] == UInt8(ascii: "#") || visitVendor(line, only)
  }

  private mutating func visitVendor(_ line: Bytes, _ only: UInt16?) -> Bool {
    maker = nil
    // The device classes follow the vendors.
    guard line[0] != UInt8(ascii: "C") else { return false }
    guard let id = Self.number(line) else { return true }
    if let only, id > only { return false }
    guard let models = wanted[id], only == nil || only == id else { return true }
    makers[id] = line.dropping(6).trimmed.text
    maker = (id, models, models.count)
    return true
  }

  /// Reads the line of a device. Returns whether more devices of the vendor are wanted.
  private mutating func visitModel(_ line: Bytes) -> Bool {
    guard let maker, let id = Self.number(line.dropping(1)), maker.models.contains(id) else { return true }
    models[PCIID(vendor: maker.id, device: id)] = line.dropping(7).trimmed.text
    if maker.missing == 1 { self.maker = nil } else { self.maker?.missing -= 1 }
    return maker.missing > 1
  }

  /// The number in the four digits before two spaces.
  static func number(_ line: Bytes) -> UInt16? {
    guard line.count > 5, line[4] == UInt8(ascii: " "), line[5] == UInt8(ascii: " ") else { return nil }
    return Bytes(rebasing: line[..<4]).hexadecimal.map { UInt16($0) }
  }

  /// The names of the wanted ids. A device that is not listed is named by its number.
  func names() -> [PCIID: String] {
    var names: [PCIID: String] = [:]
    for (vendor, devices) in wanted {
      guard let maker = makers[vendor] else { continue }
      for device in devices {
        let id = PCIID(vendor: vendor, device: device)
        names[id] = maker + " " + (models[id] ?? "Device " + id.description.suffix(4))
      }
    }
    return names
  }
}
