import HostModel
import Testing

@testable import Hosts

/// Adds the nodes of a host: the CPUs of each, and the nodes that have memory.
func addNodes(_ tree: SysfsTree, _ cpus: [Int: String], memory: String? = nil) throws {
  for (node, list) in cpus { try tree.write("sys/devices/system/node/node\(node)/cpulist", list + "\n") }
  if let memory { try tree.write("sys/devices/system/node/has_memory", memory + "\n") }
}

func nodes(_ cpus: [(Int, String)]) throws -> [NUMANode] {
  try cpus.map { NUMANode(node: $0.0, cpus: try #require(NumberRanges($0.1))) }
}

@Suite struct `The NUMA nodes of the host` {
  func read(_ tree: SysfsTree) throws -> [NUMANode]? { try tree.read().state.kernel.numaNodes }

  @Test func `are read with their CPUs, in the order of their numbers`() throws {
    let tree = try SysfsTree()
    try addNodes(tree, [0: "0-15,32-47", 10: "", 2: "16-31"])
    for name in [
      "has_cpu", "online", "power/x", "nodes", "node", "node1x", "node-1", "node999999", "node\u{1B}",
    ] {
      try tree.write("sys/devices/system/node/" + name, "0\n")
    }
    #expect(try read(tree) == nodes([(0, "0-15,32-47"), (2, "16-31"), (10, "")]))
  }

  @Test func `are unknown without the folder, or without a node in it`() throws {
    let tree = try SysfsTree()
    #expect(try read(tree) == nil)
    try tree.folder("sys/devices/system/node")
    #expect(try read(tree) == nil)
  }

  @Test(arguments: [
    "x", "0-", "0-4294967295", "^0", "0\n1", "\u{0}", String(repeating: "0,", count: 1 << 20),
  ])
  func `are unknown if the CPUs of one cannot be read`(_ list: String) throws {
    let tree = try SysfsTree()
    try addNodes(tree, [0: "0-3", 1: list])
    #expect(try read(tree) == nil)
    try addNodes(tree, [1: "4-7"])
    #expect(try read(tree)?.count == 2)
    tree.remove("sys/devices/system/node/node1/cpulist")
    #expect(try read(tree) == nil)
  }

  @Test func `can have lists that are longer than a page`() throws {
    let tree = try SysfsTree()
    let list = (0..<4096).map { "\(2 * $0)" }.joined(separator: ",")
    try addNodes(tree, [0: list])
    #expect(try read(tree)?.first?.cpus.description == list)
  }
}

@Suite struct `The NUMA nodes of a process` {
  /// A host with two nodes of four CPUs.
  func tree(memory: String? = "0-1", _ status: String) throws -> SysfsTree {
    let tree = try SysfsTree()
    try addNodes(tree, [0: "0-3", 1: "4-7"], memory: memory)
    try tree.write("proc/70/status", "Name:\tqemu-system-x86\nCpus_allowed:\tff\n" + status)
    return tree
  }

  func nodes(_ tree: SysfsTree) -> [Int]? { ProcessPlacement.nodes(of: 70, in: tree.root) }

  func allowed(_ memory: String, _ cpus: String) -> String {
    "Cpus_allowed_list:\t\(cpus)\nMems_allowed:\t00000003\nMems_allowed_list:\t\(memory)\nx:\t1\n"
  }

  @Test(arguments: [
    ("0", "0-7", [0]), ("1", "0-3", [1]), ("0-1", "4-5", [1]), ("0-1", "3", [0]), ("0-1023", "6", [1]),
  ])
  func `are those of its memory, or else those of its CPUs`(_ memory: String, _ cpus: String, _ found: [Int])
    throws
  {
    #expect(try nodes(tree(allowed(memory, cpus))) == found)
  }

  @Test(arguments: [
    ("0-1", "0-7"), ("0-1", "3-4"), ("0-7", "0-8191"), ("0-1", "8-9"), ("5", "0-3"), ("0-1", ""),
  ])
  func `are not restricted if all are allowed, and unknown if none exists`(_ memory: String, _ cpus: String)
    throws
  {
    #expect(try nodes(tree(allowed(memory, cpus))) == nil)
  }

  @Test func `do not count nodes without memory as forbidden`() throws {
    let status = allowed("0", "0-7")
    #expect(try nodes(tree(memory: "0", status)) == nil)
    #expect(try nodes(tree(memory: "0", allowed("0", "4-7"))) == [1])
    // Without the file, all nodes count as nodes with memory.
    #expect(try nodes(tree(memory: nil, status)) == [0])
    #expect(try nodes(tree(memory: "x", status)) == [0])
  }

  @Test(arguments: [
    "", "Mems_allowed_list:\tx\nCpus_allowed_list:\t^0\n", "Mems_allowed_list:",
    "Cpus_allowed_list:\t0-4294967295\n",
    String(repeating: "x", count: 1 << 20), "\u{0}\u{1B}",
  ])
  func `are unknown if its status has no lists`(_ status: String) throws {
    #expect(try nodes(tree(status)) == nil)
  }

  @Test func `are unknown without the process or without nodes`() throws {
    let tree = try tree(allowed("0", "0-3"))
    #expect(nodes(tree) == [0])
    #expect(ProcessPlacement.nodes(of: 71, in: tree.root) == nil)
    #expect(ProcessPlacement.nodes(of: 0, in: tree.root) == nil)
    tree.remove("sys/devices/system/node")
    #expect(nodes(tree) == nil)
  }
}
