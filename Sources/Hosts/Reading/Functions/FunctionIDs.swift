import Files
import Glibc
import HostModel
import SystemPackage

/// The ids and the class of a function.
struct FunctionIDs {
  var id: PCIID?
  var subsystem: PCIID?
  var deviceClass: PCIClass?

  /// Reads `uevent`, which has all of them. Trees made for lspci have no complete `uevent`; there each value
  /// is read from its own file.
  static func read(in folder: borrowing Folder, _ scratch: Scratch, _ problems: inout Problems) -> FunctionIDs
  {
    var ids = FunctionIDs()
    do {
      ids = FunctionIDs(uevent: try folder.read("uevent", scratch))
    } catch {
      if error != .noSuchFileOrDirectory { problems.add("uevent", error) }
    }
    if ids.id == nil || ids.deviceClass == nil { ids.complete(in: folder, scratch, &problems) }
    return ids
  }

  private init() {}

  private init(uevent: Bytes) {
    var rest = uevent
    while !rest.isEmpty {
      let line = Bytes.cut(&rest, at: UInt8(ascii: "\n"))
      if line.hasPrefix("PCI_ID=") {
        id = Self.id(line.dropping(7))
      } else if line.hasPrefix("PCI_SUBSYS_ID=") {
        subsystem = Self.id(line.dropping(14)).flatMap(Self.present)
      } else if line.hasPrefix("PCI_CLASS=") {
        // The value has no leading zeros: `20000`.
        deviceClass = line.dropping(10).hexadecimal.flatMap { $0 <= 0xFF_FFFF ? PCIClass($0) : nil }
      }
    }
  }

  private mutating func complete(
    in folder: borrowing Folder, _ scratch: Scratch, _ problems: inout Problems
  ) {
    func number(_ file: String, upTo limit: UInt32, _ problems: inout Problems) -> UInt32? {
      do {
        let bytes = try folder.read(file, scratch).trimmed
        if let value = bytes.prefixedHexadecimal, value <= limit { return value }
        problems.addInvalid(file, bytes)
      } catch { problems.add(file, error) }
      return nil
    }
    func half(_ file: String) -> UInt16? {
      (try? folder.read(file, scratch).trimmed.prefixedHexadecimal).flatMap { UInt16(exactly: $0) }
    }
    if id == nil, let vendor = number("vendor", upTo: 0xFFFF, &problems),
      let device = number("device", upTo: 0xFFFF, &problems)
    {
      id = PCIID(vendor: UInt16(vendor), device: UInt16(device))
    }
    if deviceClass == nil { deviceClass = number("class", upTo: 0xFF_FFFF, &problems).map { PCIClass($0) } }
    if subsystem == nil, let vendor = half("subsystem_vendor"), let device = half("subsystem_device") {
      subsystem = Self.present(PCIID(vendor: vendor, device: device))
    }
  }

  private static func id(_ text: Bytes) -> PCIID? {
    var rest = text
    let vendor = Bytes.cut(&rest, at: UInt8(ascii: ":"))
    guard vendor.count == 4, rest.count == 4, let vendor = vendor.hexadecimal, let device = rest.hexadecimal
    else { return nil }
    return PCIID(vendor: UInt16(vendor), device: UInt16(device))
  }

  /// Nil for a function without subsystem ids, such as most bridges: it shows zeros.
  private static func present(_ id: PCIID) -> PCIID? { id.vendor == 0 || id.vendor == 0xFFFF ? nil : id }
}

extension PCIID {
  /// The id that the bus returns if no device answers. It stands for ids that could not be read: the function
  /// is still a member of its IOMMU group, and matches no `expect` of a manifest.
  static let unreadable = PCIID(vendor: 0xFFFF, device: 0xFFFF)
}
