import Files
import HostModel
import SystemPackage

/// The NUMA nodes on which the kernel lets a process run (proc_pid_status(5), cpuset(7)).
enum ProcessPlacement {
  /// The nodes that the process is restricted to: those of its memory, or if that is not restricted, those of its
  /// CPUs. Nil if it is not restricted, or if that is unknown.
  static func nodes(of process: Int, in root: String = "/") -> [Int]? {
    let scratch = Scratch(capacity: 128 << 10)
    guard process > 0, let tree = try? Tree(root), let nodes = NUMANodeReader.read(tree, scratch) else {
      return nil
    }
    let withMemory = NUMANodeReader.nodesWithMemory(tree, scratch)
    guard let status = try? tree.file("proc/\(process)/status").start(upTo: 64 << 10, scratch) else {
      return nil
    }
    let memory = list("Mems_allowed_list:", in: status)
    let cpus = list("Cpus_allowed_list:", in: status)
    // Nodes without memory are never among those that are allowed.
    let isMemoryRestricted = nodes.contains { node in
      (withMemory?.contains(node.node) ?? true) && !(memory?.contains(node.node) ?? true)
    }
    if isMemoryRestricted, let memory { return nodes.restricted(to: memory) }
    return cpus.flatMap { nodes.restricted(toNodesOf: $0) }
  }

  /// The numbers in a line such as `Cpus_allowed_list:\t0-3,8`.
  private static func list(_ name: StaticString, in status: Bytes) -> NumberRanges? {
    var rest = status
    while !rest.isEmpty {
      let line = Bytes.cut(&rest, at: UInt8(ascii: "\n"))
      guard line.hasPrefix(name) else { continue }
      return line.dropping(name.utf8CodeUnitCount).fields.first.flatMap { NumberRanges($0.text) }
    }
    return nil
  }
}
