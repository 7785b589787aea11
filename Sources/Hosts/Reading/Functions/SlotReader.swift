import Documents
import Files
import HostModel
import SystemPackage

/// The kernel's slots (`/sys/bus/pci/slots`, Linux, drivers/pci/slot.c), by the device that each contains.
struct SlotReader: Sendable {
  /// The names of the slots, by function 0 of their device.
  private(set) var names: [PCIAddress: [String]] = [:]
  /// A warning for each slot whose address could not be read.
  private(set) var warnings: [Diagnostic] = []

  private static let path = "sys/bus/pci/slots"
  /// A host has few slots, so more warnings than this have the same cause.
  private static let mostWarnings = 64

  /// Reads the slots. Without the folder there are none.
  init(_ tree: borrowing Tree, _ scratch: Scratch) {
    let path = tree.name(of: Self.path)
    do {
      let folder = try tree.folder(Self.path)
      for name in try folder.names() { read(name, in: folder, path, scratch) }
    } catch {
      if error != .noSuchFileOrDirectory { warn("\(path): \(error)") }
    }
  }

  private mutating func read(_ name: String, in folder: borrowing Folder, _ path: String, _ scratch: Scratch)
  {
    do throws(Errno) {
      let address = try folder.folder(name).read("address", scratch).trimmed
      if let device = Self.device(address), isFileName(name) {
        names[device, default: []].append(name)
      } else if !Self.isBus(address) {
        warn("\(path)/\(printable(name)) is ignored: its address \(quotedExcerpt(address.text)) is not valid")
      }
    } catch { warn("\(path)/\(printable(name)) is ignored: its address cannot be read: \(error)") }
  }

  private mutating func warn(_ message: String) {
    guard warnings.count < Self.mostWarnings else { return }
    warnings.append(Diagnostic(.warning, code: "bad-value", printable(message)))
  }

  /// Function 0 of the device of `0000:03:00`, or of `0000:03:00.1`, as kernels write it that have a slot for each
  /// function.
  private static func device(_ address: Bytes) -> PCIAddress? {
    guard (10...16).contains(address.count) else { return nil }
    let text = address.text
    return (PCIAddress(text + ".0") ?? PCIAddress(text))?.slot
  }

  /// Whether the address is that of a bus (`0000:03`): a slot of which the kernel does not know the device, because
  /// it is empty.
  private static func isBus(_ address: Bytes) -> Bool {
    (7...11).contains(address.count) && PCIAddress(address.text + ":00.0") != nil
  }
}

extension SlotReader {
  /// Sets the slots of each function.
  func resolve(_ functions: inout [FunctionRecord]) {
    guard !names.isEmpty else { return }
    var paths: [PCIAddress: String] = [:]
    for index in functions.indices where functions[index].value.sriov != nil {
      paths[functions[index].value.address] = functions[index].value.path
    }
    // The functions below one bridge have the same slots above them.
    var found: [Substring: [String]] = [:]
    for index in functions.indices {
      var (address, path) = (functions[index].value.address, functions[index].value.path)
      // The number of a VF's device says nothing about a slot. A PF that was not read is below the same bridge as
      // its VFs.
      if let physical = functions[index].physicalFunction, physical.slot != address.slot {
        (address, path) = (physical, paths[physical] ?? path)
      }
      let own = names[address.slot] ?? []
      var above: [String] = []
      if let parent = path.flatMap(Self.parent) {
        above = found[parent] ?? slots(along: parent)
        found[parent] = above
      }
      functions[index].value.slots = above.isEmpty ? own : own + above.filter { !own.contains($0) }
    }
  }

  /// The path above the last component.
  private static func parent(_ path: String) -> Substring? {
    path.utf8.lastIndex(of: UInt8(ascii: "/")).map { path[..<$0] }
  }

  /// The slots of the devices on a path, those of the last one first.
  private func slots(along path: Substring) -> [String] {
    var result: [String] = []
    for address in divided(path, at: "/").reversed().compactMap({ PCIAddress($0) }) {
      for name in names[address.slot] ?? [] where !result.contains(name) { result.append(name) }
    }
    return result
  }
}
