import Documents
import Glibc
import HostModel
import Hosts
import TestSupport
import Testing

@Suite struct `Reading functions` {
  @Test func `a function is read through the links of its bus`() throws {
    let tree = try SysfsTree()
    try tree.function("0000:03:00.0", driver: "igb", override: "igb", group: 17)
    let function = try tree.readFunction("0000:03:00.0")
    #expect(function.id == PCIID(vendor: 0x8086, device: 0x10C9))
    #expect(function.subsystem == PCIID(vendor: 0x8086, device: 0xA03C))
    #expect(function.deviceClass == PCIClass(0x020000))
    #expect(function.driver == "igb")
    #expect(function.nativeDriver == "igb")
    #expect(function.driverOverride == "igb")
    #expect(function.iommuGroup == 17)
    #expect(function.path == "pci0000:00/0000:00:01.0/0000:03:00.0")
    #expect(function.unreadable == [])
  }

  @Test func `a plain folder is a function without a path`() throws {
    let tree = try SysfsTree()
    for (file, text) in [("vendor", "0x8086"), ("device", "0x10C9"), ("class", "0x020000")] {
      try tree.write("sys/bus/pci/devices/0000:03:00.0/" + file, text + "\n")
    }
    let function = try tree.readFunction("0000:03:00.0")
    #expect(function.id == PCIID(vendor: 0x8086, device: 0x10C9))
    #expect(function.deviceClass.isNetwork)
    #expect(function.path == nil)
    #expect(function.unreadable == [])
  }

  @Test func `a function without ids is read with the reason`() throws {
    let tree = try SysfsTree()
    try tree.folder("sys/bus/pci/devices/0000:03:00.0")
    let function = try tree.readFunction("0000:03:00.0")
    #expect(function.id == PCIID(vendor: 0xFFFF, device: 0xFFFF))
    #expect(function.unreadable == ["vendor: No such file or directory", "class: No such file or directory"])
  }

  @Test(arguments: ["(null)\n", "\n", ""]) func `an empty driver_override is no override`(_ text: String)
    throws
  {
    let tree = try SysfsTree()
    let path = try tree.function("0000:03:00.0")
    try tree.write(path + "/driver_override", text)
    #expect(try tree.readFunction("0000:03:00.0").driverOverride == nil)
    tree.remove(path + "/driver_override")
    let function = try tree.readFunction("0000:03:00.0")
    #expect(function.driverOverride == nil && function.unreadable == [])
  }

  @Test func `names that are not addresses are left out and reported`() throws {
    let tree = try SysfsTree()
    try tree.function("0000:03:00.0")
    try tree.folder("sys/bus/pci/devices/\u{1B}[2Jx")
    let reading = try tree.read()
    #expect(reading.state.functions.count == 1)
    #expect(reading.warnings.count == 1)
    #expect(reading.warnings[0].message.names("\\u{1b}[2Jx"))
  }

  @Test func `of two spellings of one address the kernel's is read`() throws {
    let tree = try SysfsTree()
    try tree.function("0000:0a:00.0", id: "8086:0001")
    try tree.function("0000:0A:00.0", id: "8086:0002")
    let reading = try tree.read()
    #expect(reading.state.functions.map(\.id.device) == [1])
    #expect(reading.warnings.count == 1)
  }

  @Test(arguments: [
    "/etc", "../../../../../../../../etc", "../../../devices/../../etc/0000:03:00.0",
    "../../../devices//0000:03:00.0", "0000:03:00.0", "", "../../../devices/pci0000:00/0000:04:00.0",
  ])
  func `a link that leads elsewhere is not followed`(_ target: String) throws {
    let tree = try SysfsTree()
    try tree.function("0000:03:00.0")
    tree.remove("sys/bus/pci/devices/0000:03:00.0")
    guard symlink(target, tree.root + "/sys/bus/pci/devices/0000:03:00.0") == 0 else { return }
    let function = try tree.readFunction("0000:03:00.0")
    #expect(function.id == PCIID(vendor: 0xFFFF, device: 0xFFFF))
    #expect(function.unreadable.names(["0000:03:00.0"]))
  }

  @Test func `a link in the place of a device's folder is not followed`() throws {
    let tree = try SysfsTree()
    let path = try tree.function("0000:03:00.0")
    tree.remove(path)
    try tree.link(path, to: "/sys/devices")
    #expect(try tree.readFunction("0000:03:00.0").unreadable == ["0000:03:00.0: Not a directory"])
  }

  @Test func `without its list of functions a host cannot be read`() throws {
    let tree = try SysfsTree()
    tree.remove("sys/bus")
    let error = try #require(throws: Diagnostics.self) { try tree.read() }
    #expect(error.all.map(\.code) == ["unreadable"])
    #expect(error.all[0].message == tree.root + "/sys/bus/pci/devices: No such file or directory")
  }

  @Test(arguments: ["(none)\n", "", "a b\n", "\u{0}\u{1}", "../x\n"])
  func `a host needs a name`(_ name: String) throws {
    let tree = try SysfsTree()
    try tree.write("proc/sys/kernel/hostname", name)
    let error = try #require(throws: Diagnostics.self) { try tree.read() }
    #expect(error.all[0].message.contains("proc/sys/kernel/hostname"))
    #expect(try tree.read(hostName: "hv02").state.host == "hv02")
  }
}

@Suite struct `Invalid files in sysfs` {
  static let files = [
    "uevent", "driver_override", "config", "numa_node", "sriov_totalvfs", "net/eth0/address",
    "net/eth0/addr_assign_type", "net/eth0/flags", "net/eth0/carrier", "net/eth0/speed",
  ]
  static let links = ["driver", "iommu_group", "physfn", "virtfn0"]

  func tree() throws -> (SysfsTree, path: String) {
    let tree = try SysfsTree()
    let path = try tree.function("0000:03:00.0", driver: "igb", group: 1)
    for (file, text) in [("vendor", "0x8086"), ("device", "0x10c9"), ("class", "0x020000")] {
      try tree.write(path + "/" + file, text + "\n")
    }
    try tree.write(path + "/sriov_totalvfs", "7\n")
    try tree.write(path + "/numa_node", "0\n")
    try tree.write(path + "/config", config([(0x100, 3, 0)], serial: 1))
    try tree.interface("eth0", of: path)
    return (tree, path)
  }

  @Test(arguments: files) func `bytes that are not text are reported or skipped`(_ file: String) throws {
    let (tree, path) = try tree()
    let binary: [UInt8] = [0xFF, 0x00, 0x1B, 0x0A]
    for bytes in [binary, Array(repeating: 0x41, count: 4096), Array("-9\n".utf8)] {
      try tree.write(path + "/" + file, bytes)
      let function = try tree.readFunction("0000:03:00.0")
      #expect(function.unreadable.allSatisfy { $0.hasPrefix(file + ": ") && !$0.contains("\u{1B}") })
    }
  }

  @Test(arguments: files) func `a file without an end is an error`(_ file: String) throws {
    let (tree, path) = try tree()
    try tree.write(path + "/" + file, [UInt8](repeating: 0x30, count: 1 << 20))
    let function = try tree.readFunction("0000:03:00.0")
    // Configuration space is read at a few offsets only.
    #expect(function.unreadable == (file == "config" ? [] : ["\(file): File too large"]))
  }

  @Test(arguments: files) func `a folder in a file's place is an error`(_ file: String) throws {
    let (tree, path) = try tree()
    tree.remove(path + "/" + file)
    try tree.folder(path + "/" + file)
    let function = try tree.readFunction("0000:03:00.0")
    #expect(function.unreadable == ["\(file): Is a directory"])
  }

  @Test(arguments: files) func `a link in a file's place is not followed`(_ file: String) throws {
    let (tree, path) = try tree()
    for target in ["/etc/hostname", file.split(separator: "/").last.map(String.init) ?? file] {
      try tree.link(path + "/" + file, to: target)
      let function = try tree.readFunction("0000:03:00.0")
      #expect(function.unreadable == ["\(file): Too many levels of symbolic links"])
    }
  }

  @Test(.timeLimit(.minutes(1)), arguments: files)
  func `a pipe in a file's place does not hold up the reader`(_ file: String) throws {
    let (tree, path) = try tree()
    tree.remove(path + "/" + file)
    try #require(mkfifo(tree.root + "/" + path + "/" + file, 0o644) == 0)
    _ = try tree.read()
  }

  @Test(arguments: links) func `a file in a link's place is an error`(_ name: String) throws {
    let (tree, path) = try tree()
    tree.remove(path + "/" + name)
    try tree.write(path + "/" + name, "x")
    #expect(try tree.readFunction("0000:03:00.0").unreadable == ["\(name): Invalid argument"])
  }

  @Test(arguments: [
    ("driver", "a/.."), ("driver", "x/\u{1}"), ("iommu_group", "x/-1"),
    ("iommu_group", "99999999999999999999"), ("physfn", "../0000"), ("virtfn0", "../0000:03:10.8"),
  ])
  func `a link with an invalid target is an error`(_ name: String, _ target: String) throws {
    let (tree, path) = try tree()
    try tree.link(path + "/" + name, to: target)
    let function = try tree.readFunction("0000:03:00.0")
    #expect(function.unreadable.count == 1)
    #expect(function.unreadable.first?.hasPrefix(name + ": ") == true)
  }

  @Test func `a uevent file that is cut at any length is read`() throws {
    let (tree, path) = try tree()
    let whole = "PCI_CLASS=20000\nPCI_ID=8086:10C9\nPCI_SUBSYS_ID=8086:A03C\n"
    for length in 0...whole.utf8.count {
      try tree.write(path + "/uevent", String(whole.prefix(length)))
      let function = try tree.readFunction("0000:03:00.0")
      #expect(function.id == PCIID(vendor: 0x8086, device: 0x10C9))
    }
  }

  @Test(arguments: files) func `a file that cannot be opened is reported`(_ file: String) throws {
    let (tree, path) = try tree()
    tree.remove(path + "/" + file)
    // Root can open every file, but no user can open a socket.
    try #require(mknod(tree.root + "/" + path + "/" + file, S_IFSOCK | 0o644, 0) == 0)
    #expect(try tree.readFunction("0000:03:00.0").unreadable == ["\(file): No such device or address"])
  }

  @Test(.enabled(if: geteuid() != 0)) func `a file without read permission is reported`() throws {
    let (tree, path) = try tree()
    chmod(tree.root + "/" + path + "/driver_override", 0)
    let function = try tree.readFunction("0000:03:00.0")
    #expect(function.unreadable == ["driver_override: Permission denied"])
    #expect(function.driver == "igb")
  }
}
