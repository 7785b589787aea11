import HostModel
import Hosts
import Testing

@Suite struct `Reading the kernel` {
  @Test func `all properties of the kernel are read`() throws {
    let tree = try SysfsTree()
    try tree.folder("sys/bus/pci/drivers/igb")
    try tree.write("proc/cmdline", "ro quiet intel_iommu=on\n")
    try tree.write("proc/cpuinfo", "processor\t: 0\nvendor_id\t: GenuineIntel\n")
    try tree.write("proc/modules", "vfio 65536 0 - Live 0x0\nigb 1 0 - Live 0x0\n")
    try tree.write("etc/default/grub", "")
    try tree.write("boot/loader/entries/b.conf", "")
    try tree.write("boot/loader/entries/a.conf", "")
    try tree.write("boot/loader/entries/a.conf~", "")
    #expect(
      try tree.read().state.kernel
        == Kernel(
          release: "6.12.0", commandLine: .known("ro quiet intel_iommu=on"), processor: .intel,
          drivers: .known(["igb", "vfio-pci"]), modules: .known(["igb", "vfio"]),
          bootLoaderFiles: [
            "/etc/default/grub", "/boot/loader/entries/a.conf", "/boot/loader/entries/b.conf",
          ]))
  }

  @Test func `a missing property is unavailable, with its file`() throws {
    let tree = try SysfsTree()
    for path in ["sys/bus/pci/drivers", "proc/sys/kernel/osrelease"] { tree.remove(path) }
    let kernel = try tree.read().state.kernel
    #expect(kernel.release == nil)
    #expect(kernel.processor == .other)
    #expect(kernel.commandLine.reason == tree.root + "/proc/cmdline: No such file or directory")
    #expect(kernel.drivers.reason == tree.root + "/sys/bus/pci/drivers: No such file or directory")
    #expect(kernel.modules.reason == tree.root + "/proc/modules: No such file or directory")
  }

  static let makers: [(String, Kernel.Processor)] = [
    ("vendor_id\t: AuthenticAMD\n", .amd), ("vendor_id\t: HygonGenuine\n", .amd),
    ("CPU implementer\t: 0x41\n", .arm), ("vendor_id\t: Shanghai\n", .other), ("vendor_id", .other),
    ("\u{0}", .other),
  ]

  @Test(arguments: makers)
  func `the vendor of the processor is read from cpuinfo`(_ text: String, _ processor: Kernel.Processor)
    throws
  {
    let tree = try SysfsTree()
    try tree.write("proc/cpuinfo", "processor\t: 0\n" + text)
    #expect(try tree.read().state.kernel.processor == processor)
  }

  @Test(arguments: [("DMAR", Kernel.Processor.intel), ("IVRS", .amd), ("IORT", .arm)])
  func `the ACPI table of the IOMMU gives the vendor`(_ table: String, _ maker: Kernel.Processor) throws {
    let tree = try SysfsTree()
    try tree.write("proc/cpuinfo", "processor\t: 0\nvendor_id\t: Shanghai\n")
    try tree.write("sys/firmware/acpi/tables/" + table, "")
    #expect(try tree.read().state.kernel.processor == maker)
  }

  @Test func `a release that is not a valid name is ignored`() throws {
    let tree = try SysfsTree()
    try tree.write("proc/sys/kernel/osrelease", "../../x\n")
    try tree.function("0000:03:00.0")
    let state = try tree.read().state
    #expect(state.kernel.release == nil)
    #expect(state.functions.first?.nativeDriver == nil)
  }
}

@Suite struct `The native driver` {
  func driver(_ aliases: String, id: String = "8086:10C9", driver: String? = "vfio-pci") throws -> String? {
    let tree = try SysfsTree()
    try tree.function("0000:03:00.0", id: id, driver: driver)
    try tree.folder("sys/bus/pci/drivers/virtio-pci")
    try tree.write("lib/modules/6.12.0/modules.alias", aliases)
    return try tree.readFunction("0000:03:00.0").nativeDriver
  }

  @Test(arguments: [
    "alias pci:v00008086d000010C9sv*sd*bc*sc*i* igb\n",
    "# Aliases\nalias usb:v00008086d000010C9 x\nalias pci:v00008086d*sv*sd*bc02sc00i* igb",
    "alias pci:v*d*sv00008086sd0000A03Cbc02sc*i00* igb\n",
    "alias vfio_pci:v00008086d000010C9sv*sd*bc*sc*i* mlx5_vfio_pci\n"
      + "alias pci:v00008086d000010C9sv*sd*bc*sc*i* vfio-pci\nalias pci:v00008086d000010C9sv*sd*bc*sc*i* igb\n",
  ])
  func `the native driver is that of the matching module alias`(_ aliases: String) throws {
    #expect(try driver(aliases) == "igb")
    #expect(try driver(aliases, driver: nil) == "igb")
  }

  @Test(arguments: [
    "", "alias pci:v00008086d000010C9sv*sd*bc*sc*i*\n", "alias pci:v00008086d000010Casv*sd*bc*sc*i* igb\n",
    "alias pci:v00008086d000010C9sv*sd*bc*sc*i igb\n", "alias pci:v00008086d000010C9sv*sd*bc*sc*i* ../x\n",
    "alias pci:v00008086d000010C9sv*sd*bc*sc*i* a\nalias pci:v*d000010C9sv*sd*bc*sc*i* b\n",
    "alias pci:v" + String(repeating: "*", count: 200_000) + " igb\n",
  ])
  func `without one matching alias the native driver is unknown`(_ aliases: String) throws {
    #expect(try driver(aliases) == nil)
  }

  @Test func `the name of a driver may have hyphens where its module has underscores`() throws {
    #expect(try driver("alias pci:v00001AF4d*sv*sd*bc*sc*i* virtio_pci\n", id: "1AF4:1041") == "virtio-pci")
  }

  @Test(arguments: ["pci-stub", "mlx5-vfio-pci", "nvgrace_gpu_vfio_pci", "uio_pci_generic", "xen-pciback"])
  func `passthrough drivers are not native drivers`(_ name: String) throws {
    #expect(try driver("", driver: name) == nil)
  }
}

@Suite struct `The variant of vfio-pci that is recommended` {
  func variant(_ aliases: String, drivers: [String] = []) throws -> PCIFunction {
    let tree = try SysfsTree()
    try tree.function("0000:03:00.0", driver: "igb")
    for driver in drivers { try tree.folder("sys/bus/pci/drivers/" + driver) }
    try tree.write(
      "lib/modules/6.12.0/modules.alias", "alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci\n" + aliases)
    return try tree.readFunction("0000:03:00.0")
  }

  @Test(arguments: [
    ("alias vfio_pci:v00008086d000010C9sv*sd*bc*sc*i* mlx5_vfio_pci\n", "mlx5_vfio_pci"),
    // The alias with the fewest wildcards applies, at any position; of several, the first.
    (
      "alias vfio_pci:v00008086d*sv*sd*bc*sc*i* a_vfio_pci\n"
        + "alias vfio_pci:v00008086d000010C9sv*sd*bc*sc*i* b_vfio_pci\n"
        + "alias vfio_pci:v00008086d*sv*sd*bc02sc*i* c_vfio_pci\n", "b_vfio_pci"
    ),
    ("", nil), ("alias vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_vfio_pci\n", nil),
    ("alias vfio_pci:v00008086d000010C9sv*sd*bc*sc*i* ../x_vfio_pci\n", nil),
    ("alias vfio_pci:v00008086d000010C9sv*sd*bc*sc*i* pci_stub\n", nil),
    ("alias pci:v00008086d000010C9sv*sd*bc*sc*i* x_vfio_pci\n", nil),
  ])
  func `is that of the most specific alias for VFIO`(_ aliases: String, _ name: String?) throws {
    let function = try variant(aliases)
    #expect(function.variantDriver == name && function.nativeDriver == "igb")
  }

  @Test func `has the name of the driver if that is loaded`() throws {
    let alias = "alias vfio_pci:v00008086d000010C9sv*sd*bc*sc*i* pds_vfio_pci\n"
    #expect(try variant(alias, drivers: ["pds-vfio-pci"]).variantDriver == "pds-vfio-pci")
  }
}

@Suite struct `Names of hardware` {
  static let ids = """
    # comment
    0e55  HaSoTec GmbH
    8086  Intel Corporation
    \t10c8  Other
    \t\t8086 a03c  Subsystem
    \t10c9  82576 Gigabit Network Connection
    \t\t8086 a03c  Subsystem
    ffff  Illegal Vendor ID
    C 02  Network controller
    \t00  Ethernet controller
    """
  /// Vendors in no order, and so many of them that a binary search would not find all.
  static let unsorted =
    (1...3000).map { "\(String(0xF000 - $0, radix: 16))  Maker\n\t0001  Model\n" }.joined() + ids

  @Test(arguments: [
    ("8086:10C9", "Intel Corporation 82576 Gigabit Network Connection"),
    ("8086:A03C", "Intel Corporation Device a03c"), ("10DE:10C9", nil),
  ])
  func `ids have the names that lspci gives them`(_ id: String, _ name: String?) throws {
    let tree = try SysfsTree()
    try tree.function("0000:03:00.0", id: id)
    for ids in [Self.ids, Self.ids + String(repeating: "x", count: 300_000), Self.unsorted] {
      try tree.write("usr/share/misc/pci.ids", ids)
      #expect(try tree.readFunction("0000:03:00.0").name == name)
    }
  }

  @Test func `without a list there are no names`() throws {
    let tree = try SysfsTree()
    try tree.function("0000:03:00.0")
    #expect(try tree.readFunction("0000:03:00.0").name == nil)
    try tree.folder("usr/share/misc/pci.ids")
    #expect(try tree.readFunction("0000:03:00.0").name == nil)
  }
}
