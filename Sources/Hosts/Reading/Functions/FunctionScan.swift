import Documents
import Files
import Glibc
import HostModel
import SystemPackage

/// One pass over `/sys/bus/pci/devices`.
struct FunctionScan: Sendable {
  private typealias BusEntry = (address: PCIAddress, name: String)

  /// A warning for each entry that is not a PCI address.
  let warnings: [Diagnostic]
  private let bus: SharedFolder
  private let devices: SharedFolder?
  private let entries: [BusEntry]

  private static let path = "sys/bus/pci/devices"
  private static let maximumFunctions = 65536
  /// The number of functions from which a further thread saves more time than its start takes.
  private static let minimumPerThread = 192

  /// Lists the functions.
  ///
  /// - Parameter wanted: the functions to read; nil for all.
  /// - Throws: if the list cannot be read.
  init(_ tree: borrowing Tree, only wanted: Set<PCIAddress>? = nil) throws(Diagnostics) {
    let name = tree.name(of: Self.path)
    let others: [String]
    do {
      bus = try SharedFolder(tree.folder(Self.path))
      let (found, strange) = try Self.list(bus)
      entries = wanted.map { wanted in found.filter { wanted.contains($0.address) } } ?? found
      others = strange
    } catch { throw unreadable(name, error.description) }
    devices = try? SharedFolder(tree.folder("sys/devices"))
    warnings = others.sorted().map {
      Diagnostic(.warning, code: "bad-value", "\(name)/\(printable($0)) is ignored: it is not a PCI address")
    }
  }

  /// The functions in address order, so that functions below the same folder are adjacent, and the names that
  /// are not PCI addresses.
  private static func list(_ bus: SharedFolder) throws(Errno) -> ([BusEntry], others: [String]) {
    var (found, others): ([BusEntry], [String]) = ([], [])
    try bus.folder.entries { name in
      let name = String(cString: name)
      if let address = PCIAddress(name) { found.append((address, name)) } else { others.append(name) }
      return found.count < maximumFunctions && others.count < 1024
    }
    // If an address occurs in two spellings, that of the kernel, with lower-case digits, is used.
    found.sort { one, other in (one.address, other.name) < (other.address, one.name) }
    var entries: [BusEntry] = []
    entries.reserveCapacity(found.count)
    for entry in found {
      if entries.last?.address == entry.address { others.append(entry.name) } else { entries.append(entry) }
    }
    return (entries, others)
  }

  /// Reads the functions, in address order. Nearly all of the time is spent in system calls, so several
  /// threads read.
  func read(_ interfaceLocations: [PCIAddress: [InterfaceLocation]]?) -> [FunctionRecord] {
    inParallel(count: entries.count, atLeast: Self.minimumPerThread) { part in
      let scratch = Scratch(capacity: 16 << 10)
      let reader = FunctionReader(scratch: scratch, interfaceLocations: interfaceLocations)
      var devices = DeviceFolders(devices)
      return part.map { read(entries[$0], reader, &devices) }
    }
  }

  private func read(_ entry: BusEntry, _ reader: FunctionReader, _ devices: inout DeviceFolders)
    -> FunctionRecord
  {
    do throws(Errno) {
      let link: Bytes
      do { link = try bus.folder.link(entry.name, reader.scratch) } catch {
        guard error == .invalidArgument else { throw error }
        // In trees made for lspci the entry is a folder, not a link.
        return reader.read(entry.address, try bus.folder.folder(entry.name), path: nil)
      }
      guard PCIAddress(link.lastComponent) == entry.address else { throw Errno.notPermitted }
      let device = try devices.folder(of: link, climbing: 3, reader.scratch)
      let path = isPCIPath(device.path) ? device.path.text : nil
      return reader.read(entry.address, device.folder, path: path)
    } catch {
      let reason = error == .notPermitted ? "the link does not lead to its device" : error.description
      return FunctionRecord(
        value: PCIFunction(
          address: entry.address, id: .unreadable, deviceClass: PCIClass(0),
          unreadable: [entry.name + ": " + reason]))
    }
  }
}
