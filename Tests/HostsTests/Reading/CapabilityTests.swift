import HostModel
import Hosts
import TestSupport
import Testing

@Suite struct `Serial numbers` {
  func serial(_ config: [UInt8]) throws -> String? {
    let tree = try SysfsTree()
    let path = try tree.function("0000:03:00.0")
    try tree.write(path + "/config", config)
    let function = try tree.readFunction("0000:03:00.0")
    #expect(function.unreadable == [])
    return function.serial
  }

  @Test func `the serial number is printed as lspci does`() throws {
    let chain = [(0x100, 1 as UInt32, 0x140), (0x140, 3, 0x1A0), (0x1A0, 0x10, 0)]
    #expect(try serial(config(chain, serial: 0x90E2_BAFF_FF00_D1C2)) == "90-e2-ba-ff-ff-00-d1-c2")
  }

  @Test(arguments: [0x100, 0x140, 0x104, 0xFFC]) func `a capability chain with a loop has no serial number`(
    _ next: Int
  ) throws {
    #expect(try serial(config([(0x100, 1, 0x140), (0x140, 2, next)])) == nil)
  }

  @Test(arguments: [1, 2, 3, 0x40, 0xFC])
  func `a capability chain that leaves its space has no serial number`(_ next: Int) throws {
    #expect(try serial(config([(0x100, 1, next)])) == nil)
  }

  @Test(arguments: [0, .max]) func `a serial number of all zeros or all ones is ignored`(_ value: UInt64)
    throws
  {
    #expect(try serial(config([(0x100, 3, 0)], serial: value)) == nil)
  }

  @Test(arguments: [0, 64, 256, 257, 259, 260, 263, 264, 267])
  func `a configuration space that is cut short has no serial number`(_ size: Int) throws {
    #expect(try serial(config(size: size, [(0x100, 3, 0)], serial: 1)) == nil)
  }

  @Test func `a configuration space of all ones has no serial number`() throws {
    #expect(try serial([UInt8](repeating: 0xFF, count: 4096)) == nil)
  }

  @Test func `the serial number is read of NICs only`() throws {
    let tree = try SysfsTree()
    let path = try tree.function("0000:03:00.0", deviceClass: "10802")
    try tree.write(path + "/config", config([(0x100, 3, 0)], serial: 7))
    #expect(try tree.readFunction("0000:03:00.0").serial == nil)
  }
}

@Suite struct `Virtual functions` {
  func tree() throws -> (SysfsTree, physical: String) {
    let tree = try SysfsTree()
    let physical = try tree.function("0000:03:00.0", driver: "igb")
    try tree.write(physical + "/sriov_totalvfs", "7\n")
    try tree.write(physical + "/sriov_drivers_autoprobe", "0\n")
    try tree.write(physical + "/numa_node", "1\n")
    // sriov_numvfs must not be read: a read hangs while a write to it hangs.
    try tree.write(physical + "/sriov_numvfs", "nonsense")
    for index in 0..<2 {
      let path = try tree.function("0000:03:10.\(index * 2)", id: "8086:10CA")
      try tree.link(path + "/physfn", to: "../0000:03:00.0")
      try tree.link(physical + "/virtfn\(index)", to: "../0000:03:10.\(index * 2)")
    }
    return (tree, physical)
  }

  @Test func `the links of a PF give the number of VFs and their indexes`() throws {
    let (tree, _) = try tree()
    let state = try tree.read().state
    let physical = try #require(PCIAddress("0000:03:00.0"))
    #expect(state[physical]?.sriov == SRIOV(total: 7, count: 2, autoprobe: false))
    let second = try #require(state.functions.last)
    #expect(second.virtualFunction?.physicalFunction == physical && second.virtualFunction?.index == 1)
    #expect(second.numaNode == 1)
    #expect(state.functions.allSatisfy { $0.unreadable == [] })
  }

  @Test func `a VF that its PF does not link to is read and reported`() throws {
    let (tree, physical) = try tree()
    tree.remove(physical + "/virtfn0")
    let state = try tree.read().state
    #expect(state.functions[0].sriov?.count == 2)
    #expect(state.functions[1].unreadable.names(["physfn", "0000:03:00.0"]))
  }

  @Test func `a card without VFs has none`() throws {
    let tree = try SysfsTree()
    let path = try tree.function("0000:03:00.0")
    #expect(try tree.readFunction("0000:03:00.0").sriov == nil)
    try tree.write(path + "/sriov_totalvfs", "8\n")
    #expect(try tree.readFunction("0000:03:00.0").sriov == SRIOV(total: 8, count: 0))
  }
}
