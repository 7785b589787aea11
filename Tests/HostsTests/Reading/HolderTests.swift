import HostModel
import Hosts
import TestSupport
import Testing

@Suite struct `Processes that have a function open` {
  func tree() throws -> SysfsTree {
    let tree = try SysfsTree()
    try tree.function("0000:03:00.0", driver: "vfio-pci", override: "vfio-pci", group: 8)
    try tree.function("0000:03:00.1", driver: "vfio-pci", override: "vfio-pci", group: 8)
    // The function is unbound, while QEMU still has it open.
    try tree.function("0000:04:00.0", override: "igb", group: 9)
    try tree.function("0000:05:00.0", driver: "igb", group: 10)
    return tree
  }

  func process(_ number: Int, _ tree: SysfsTree, _ files: String...) throws {
    try tree.write("proc/\(number)/comm", "qemu-system-x86\n")
    try tree.folder("proc/\(number)/fd")
    for (index, file) in files.enumerated() { try tree.link("proc/\(number)/fd/\(index)", to: file) }
  }

  func holders(_ tree: SysfsTree) throws -> [Observed<[Holder]>] {
    try tree.read().state.functions.map(\.holders)
  }

  let qemu = Holder(process: 70, command: "qemu-system-x86")

  @Test func `a process that has a group open holds all its members`() throws {
    let tree = try tree()
    try process(70, tree, "/dev/null", "/dev/vfio/vfio", "/dev/vfio/8", "socket:[1]")
    #expect(try holders(tree) == [.known([qemu]), .known([qemu]), .known([]), .known([])])
  }

  @Test func `a function without a driver can be held by a deleted group file`() throws {
    let tree = try tree()
    try process(70, tree, "/dev/vfio/9 (deleted)", "/dev/vfio/10")
    #expect(try holders(tree) == [.known([]), .known([]), .known([qemu]), .known([])])
  }

  @Test func `without an IOMMU a group's file has another name`() throws {
    let tree = try tree()
    try process(70, tree, "/dev/vfio/noiommu-8")
    let holder = Holder(process: 70, command: "qemu-system-x86", device: "/dev/vfio/noiommu-8")
    #expect(try holders(tree) == [.known([holder]), .known([holder]), .known([]), .known([])])
  }

  @Test(arguments: [
    ("infiniband_verbs", "uverbs0"), ("infiniband_mad", "umad0"), ("infiniband_mad", "issm0"),
  ])
  func `a port is held by InfiniBand's files, whatever its driver`(_ place: String, _ name: String) throws {
    let tree = try tree()
    try tree.link(
      "sys/class/\(place)/\(name)", to: "../../devices/\(SysfsTree.bus)/0000:05:00.0/\(place)/\(name)")
    try process(70, tree, "/dev/infiniband/rdma_cm", "/dev/infiniband/\(name)")
    let holder = Holder(process: 70, command: "qemu-system-x86", device: "/dev/infiniband/\(name)")
    #expect(try holders(tree) == [.known([]), .known([]), .known([]), .known([holder])])
  }

  @Test func `a VFIO device file holds one function only`() throws {
    let tree = try tree()
    try process(70, tree, "/dev/vfio/devices/vfio3", "/dev/iommu")
    try tree.link(
      "sys/class/vfio-dev/vfio3", to: "../../devices/\(SysfsTree.bus)/0000:03:00.1/vfio-dev/vfio3")
    #expect(try holders(tree) == [.known([]), .known([qemu]), .known([]), .known([])])
  }

  @Test func `an unknown device file makes a function without a driver unknown`() throws {
    let tree = try tree()
    try process(70, tree, "/dev/vfio/devices/vfio3 (deleted)")
    let read = try holders(tree)
    #expect(read[0] == .known([]))
    #expect(read[2].reason.names("70", "/dev/vfio/devices/vfio3"))
  }

  @Test(arguments: [
    "/dev/vfio/", "/dev/vfio/8x", "/dev/vfio/devices/vfio", "/dev/vfio/../8", "x/dev/vfio/8", "/dev/vfio/-8",
  ])
  func `other files do not hold a function`(_ file: String) throws {
    let tree = try tree()
    try process(70, tree, file)
    #expect(try holders(tree)[0] == .known([]))
  }

  @Test func `a process that has ended, or an invalid one, holds nothing`() throws {
    let tree = try tree()
    try tree.folder("proc/71")
    try tree.write("proc/0/comm", "x")
    try tree.write("proc/99999999999999999999/comm", "x")
    try tree.folder("proc/irq/8/fd")
    #expect(try holders(tree).allSatisfy { $0 == .known([]) })
  }

  @Test func `a process that cannot be read makes the holders unknown`() throws {
    let tree = try tree()
    try tree.write("proc/72/fd", "no folder")
    let reason = tree.root + "/proc/72/fd: Not a directory"
    let read = try holders(tree)
    #expect(read[0].reason == reason)
    // No process can have a function open by VFIO while a host driver is bound to it.
    #expect(read[3] == .known([]))
    try process(70, tree, "/dev/vfio/8")
    #expect(try holders(tree)[0] == .known([qemu]))
  }

  @Test func `without a VFIO driver no function is held`() throws {
    let tree = try tree()
    try process(70, tree, "/dev/vfio/8")
    tree.remove("sys/bus/pci/drivers/vfio-pci")
    #expect(try holders(tree).allSatisfy { $0 == .known([]) })
  }

  @Test func `without a search of processes the known holders are kept`() throws {
    let tree = try tree()
    try process(70, tree, "/dev/vfio/8")
    let before = try tree.read().state
    let reader = HostReader(
      root: tree.root, libvirt: .unavailable("not asked"), qemu: .unavailable("not asked"))
    func holders() throws -> [Observed<[Holder]>] {
      try reader.read(holdersSince: before).state.functions.map(\.holders)
    }
    // A process that has ended and one that has started are not detected.
    tree.remove("proc/70")
    try process(71, tree, "/dev/vfio/9")
    #expect(try holders() == [.known([qemu]), .known([qemu]), .known([]), .known([])])
    // A function that was on the host driver then may be in use since.
    try tree.link(
      "sys/devices/\(SysfsTree.bus)/0000:05:00.0/driver", to: "../../../../bus/pci/drivers/vfio-pci")
    let found = try holders()
    #expect(found[3].value == nil)
    #expect(try tree.read().state.functions[3].holders == .known([]))
  }
}
