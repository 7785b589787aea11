import Files
import HostModel
import SystemPackage

/// The InfiniBand device files by name, and the functions that they belong to: `/sys/class/infiniband_verbs`
/// and `infiniband_mad` (Linux, Documentation/ABI/stable/sysfs-class-infiniband).
struct InfiniBandFiles {
  private(set) var functions: [String: PCIAddress] = [:]

  /// - Parameter interfaces: the interfaces of functions. A device of software RoCE (rxe) belongs to no
  ///   function; it names the interface that it uses.
  init(_ tree: borrowing Tree, _ interfaces: [PCIAddress: [InterfaceLocation]]?, _ scratch: Scratch) {
    for path in ["sys/class/infiniband_verbs", "sys/class/infiniband_mad"] {
      guard let folder = try? tree.folder(path), let names = try? folder.names() else { continue }
      for name in names {
        guard let link = try? folder.link(name, scratch) else { continue }
        functions[name] =
          nearestFunction(link)?.0 ?? Self.function(of: path + "/" + name, tree, interfaces ?? [:], scratch)
      }
    }
  }

  private static func function(
    of path: String, _ tree: borrowing Tree, _ interfaces: [PCIAddress: [InterfaceLocation]],
    _ scratch: Scratch
  ) -> PCIAddress? {
    guard let device = KernelReader.firstLine(path + "/ibdev", tree, scratch).value, isFileName(device),
      let parent = KernelReader.firstLine("sys/class/infiniband/\(device)/parent", tree, scratch).value
    else { return nil }
    return interfaces.first { $0.value.contains { $0.name == parent } }?.key
  }

  /// Whether the function has an InfiniBand device file.
  func has(_ function: PCIFunction) -> Bool { functions.values.contains(function.address) }
}
