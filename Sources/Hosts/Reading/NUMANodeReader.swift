import Files
import HostModel
import SystemPackage

/// Reads the online NUMA nodes and their CPUs (Linux, Documentation/ABI/stable/sysfs-devices-node).
enum NUMANodeReader {
  private static let path = "sys/devices/system/node"
  private static let longest = 64 << 10

  /// The nodes by number; nil if they cannot be read. One unreadable list of CPUs makes all unknown, because CPUs
  /// could not be mapped to that node.
  static func read(_ tree: borrowing Tree, _ scratch: Scratch) -> [NUMANode]? {
    guard let folder = try? tree.folder(path), let names = try? folder.names() else { return nil }
    var nodes: [NUMANode] = []
    for name in names {
      guard name.hasPrefix("node"), let number = NumberRanges.number(name.dropFirst(4)) else { continue }
      guard let cpus = try? ranges(folder.folder(name).file("cpulist"), scratch) else { return nil }
      nodes.append(NUMANode(node: number, cpus: cpus))
    }
    return nodes.isEmpty ? nil : nodes.sorted { $0.node < $1.node }
  }

  /// The nodes of this machine.
  static func nodesOfThisMachine() -> [NUMANode]? {
    guard let tree = try? Tree("/") else { return nil }
    return read(tree, Scratch(capacity: longest + 1))
  }

  /// The nodes that have memory (`has_memory`, Linux 3.8); nil if the file cannot be read.
  static func nodesWithMemory(_ tree: borrowing Tree, _ scratch: Scratch) -> NumberRanges? {
    try? ranges(tree.file(path + "/has_memory"), scratch)
  }

  /// - Throws: `.fileTooLarge` if the file has more than 64 KiB, `.invalidArgument` if it is not a list.
  private static func ranges(
    _ file: consuming OpenFile, _ scratch: Scratch
  ) throws(Errno) -> NumberRanges {
    let bytes = try file.start(upTo: longest + 1, scratch)
    guard bytes.count <= longest else { throw .fileTooLarge }
    guard let ranges = NumberRanges(bytes.trimmed.text) else { throw .invalidArgument }
    return ranges
  }
}
