import Documents
import HostModel
import Hosts
import TestSupport
import Testing

@Suite struct `Reading slots` {
  /// A tree with a NIC of two functions and slots.
  func tree(_ slots: [(name: String, address: String)]) throws -> SysfsTree {
    let tree = try SysfsTree()
    try tree.function("0000:03:00.0")
    try tree.function("0000:03:00.1")
    for (name, address) in slots { try tree.write("sys/bus/pci/slots/\(name)/address", address + "\n") }
    return tree
  }

  func slots(_ tree: SysfsTree, _ address: String = "0000:03:00.0") throws -> [String] {
    let reading = try tree.read()
    #expect(reading.warnings.isEmpty)
    return try #require(reading.state[pci(address)]).slots
  }

  @Test func `all functions of a device are in its slot`() throws {
    let tree = try tree([("7", "0000:03:00"), ("8", "0000:03:01"), ("9", "0001:03:00")])
    #expect(try slots(tree) == ["7"])
    #expect(try slots(tree, "0000:03:00.1") == ["7"])
  }

  @Test func `a slot that contains a bridge contains the functions below it, and is listed later`() throws {
    let tree = try tree([("riser", "0000:00:01"), ("7", "0000:03:00")])
    #expect(try slots(tree) == ["7", "riser"])
  }

  @Test func `two slots with one address are both listed`() throws {
    let tree = try tree([
      ("7-1", "0000:03:00"), ("7", "0000:03:00"), ("x", "0000:00:01"), ("y", "0000:00:01"),
    ])
    #expect(try slots(tree) == ["7", "7-1", "x", "y"])
  }

  @Test func `the address may have upper case digits, a long domain, or a function`() throws {
    let tree = try tree([("a", "10000:e1:00"), ("b", "0000:AF:00"), ("c", "0000:04:00.1")])
    let path = "pci10000:e0/10000:e0:01.0/10000:e1:00.0"
    try tree.write("sys/devices/\(path)/uevent", "PCI_CLASS=20000\nPCI_ID=8086:10C9\n")
    try tree.link("sys/bus/pci/devices/10000:e1:00.0", to: "../../../devices/\(path)")
    try tree.function("0000:af:00.0")
    try tree.function("0000:04:00.0")
    #expect(try slots(tree, "10000:e1:00.0") == ["a"])
    #expect(try slots(tree, "0000:af:00.0") == ["b"])
    #expect(try slots(tree, "0000:04:00.0") == ["c"])
  }

  @Test func `a function without a path is in the slot of its device`() throws {
    let tree = try tree([("7", "0000:05:00"), ("8", "0000:06:00")])
    for file in ["vendor", "device", "class"] {
      try tree.write("sys/bus/pci/devices/0000:05:00.0/" + file, "0x8086\n")
    }
    #expect(try slots(tree, "0000:05:00.0") == ["7"])
  }

  @Test func `an empty slot without a device is not a warning`() throws {
    #expect(try slots(tree([("U78D2.001-P1-C1", "0000:03"), ("7", "0000:03:00")])) == ["7"])
  }

  @Test func `without slots there are no names and no warnings`() throws {
    let tree = try tree([])
    #expect(try slots(tree) == [])
    try tree.folder("sys/bus/pci/slots")
    #expect(try slots(tree) == [])
  }

  @Test(arguments: [
    "", "03:00", "0000:03:20", "0000:03:00.8", "0000:03:00:00", "zzzz:03:00", "0000:03:00\u{0}",
    "\u{1B}[2J0000:03:00", "0000:03:00 0000:04:00", "-1", String(repeating: "0", count: 4000),
  ])
  func `a slot with an invalid address is ignored with a warning`(_ address: String) throws {
    let tree = try tree([("bad", address), ("7", "0000:03:00")])
    let reading = try tree.read()
    #expect(reading.state[pci("03:00.0")]?.slots == ["7"])
    #expect(reading.warnings.map(\.code) == ["bad-value"])
    #expect(reading.warnings[0].message.names(tree.root + "/sys/bus/pci/slots/bad"))
    #expect(HostileNames.invisibleCharacters(in: reading.warnings[0].message) == [])
  }

  @Test func `a slot that cannot be read is ignored with a warning`() throws {
    let tree = try tree([("7", "0000:03:00"), ("huge", String(repeating: "0", count: 1 << 20))])
    try tree.folder("sys/bus/pci/slots/empty")
    try tree.folder("sys/bus/pci/slots/folder/address")
    try tree.write("sys/bus/pci/slots/file", "0000:03:00\n")
    try tree.write("elsewhere/address", "0000:03:00\n")
    try tree.link("sys/bus/pci/slots/link", to: tree.root + "/elsewhere")
    try tree.link("sys/bus/pci/slots/linked/address", to: tree.root + "/elsewhere/address")
    let reading = try tree.read()
    #expect(reading.state[pci("03:00.0")]?.slots == ["7"])
    #expect(reading.warnings.count == 6)
  }

  @Test func `many broken slots give few warnings`() throws {
    let tree = try tree((0..<100).map { ("\($0)", "x") })
    #expect(try tree.read().warnings.count == 64)
  }

  @Test func `a file in the place of the folder is a warning`() throws {
    let tree = try tree([])
    try tree.write("sys/bus/pci/slots", "")
    let reading = try tree.read()
    #expect(reading.warnings.map(\.code) == ["bad-value"] && reading.state.functions.count == 2)
  }
}

@Suite struct `The slots of a VF` {
  /// A PF with a VF, and a slot for the device of each. QEMU has a slot for each number of a device.
  func tree(virtual: String) throws -> SysfsTree {
    let tree = try SysfsTree()
    let physical = try tree.function("0000:03:00.0", driver: "igb")
    try tree.write(physical + "/sriov_totalvfs", "7\n")
    try tree.link(physical + "/virtfn0", to: "../\(virtual)")
    try tree.link(tree.function(virtual) + "/physfn", to: "../0000:03:00.0")
    for (name, address) in [("7", "0000:03:00"), ("16", "0000:03:10"), ("1", "0000:00:01")] {
      try tree.write("sys/bus/pci/slots/\(name)/address", address + "\n")
    }
    return tree
  }

  @Test(arguments: ["0000:03:10.0", "0000:03:00.1"])
  func `are those of its PF`(_ virtual: String) throws {
    let tree = try tree(virtual: virtual)
    #expect(try tree.readFunction(virtual).slots == ["7", "1"])
    #expect(try tree.readFunction("0000:03:00.0").slots == ["7", "1"])
  }

  @Test func `are known where only the VF is read`() throws {
    let tree = try tree(virtual: "0000:03:10.0")
    tree.remove("sys/bus/pci/devices/0000:03:00.0")
    #expect(try tree.readFunction("0000:03:10.0").slots == ["7", "1"])
  }

  @Test func `are those on the path of the PF where the paths differ`() throws {
    let tree = try tree(virtual: "0000:03:10.0")
    let other = "pci0000:00/0000:00:02.0/0000:03:10.0"
    tree.run("/bin/mkdir", ["-p", tree.root + "/sys/devices/pci0000:00/0000:00:02.0"])
    tree.run(
      "/bin/mv",
      [tree.root + "/sys/devices/\(SysfsTree.bus)/0000:03:10.0", tree.root + "/sys/devices/" + other])
    try tree.link("sys/bus/pci/devices/0000:03:10.0", to: "../../../devices/" + other)
    #expect(try tree.readFunction("0000:03:10.0").slots == ["7", "1"])
  }
}
