import Documents
import Files
import Glibc
import HostModel
import TestSupport
import Testing

@testable import Hosts

@Suite("Hostile names in sysfs and proc")
struct HostileSysfsTests {
  private static let fileNames = HostileNames.all.filter { name in
    (1...200).contains(name.utf8.count) && ![".", ".."].contains(name)
      && !name.utf8.contains { $0 == 0 || $0 == UInt8(ascii: "/") }
  }

  /// `SysfsTree.read` also verifies that the state can be encoded and decoded.
  @Test("are read from files only where they are valid", arguments: HostileNames.all)
  func files(name: String) throws {
    let tree = try SysfsTree()
    let path = try tree.function(
      "0000:03:00.0", id: name, deviceClass: name, driver: "vfio-pci", override: name, group: 7)
    let other = try tree.function("0000:04:00.0", driver: "igb")
    try tree.interface("eth0", of: other)
    for file in ["address", "addr_assign_type", "flags", "carrier", "speed"] {
      try tree.write("\(other)/net/eth0/\(file)", name)
    }
    for file in ["numa_node", "sriov_totalvfs", "config", "vendor"] {
      try tree.write("\(path)/\(file)", name)
    }
    for file in ["label", "acpi_index"] { try tree.write("\(other)/\(file)", name) }
    try tree.write("sys/bus/pci/slots/7/address", name)
    try tree.write("sys/devices/system/node/node0/cpulist", name)
    try tree.write("proc/70/comm", name + "\n")
    try tree.folder("proc/70/fd")
    try tree.link("proc/70/fd/3", to: "/dev/vfio/7")
    for file in [
      "cmdline", "modules", "net/route", "net/if_inet6", "net/ipv6_route", "cpuinfo", "sys/kernel/osrelease",
    ] {
      try tree.write("proc/\(file)", name)
    }
    let state = try tree.read().state
    for function in state.functions { check(function) }
    #expect(state.kernel.release.map { isFileName($0) } ?? true)
    for names in [state.kernel.drivers.value, state.kernel.modules.value] {
      #expect(names?.allSatisfy { isFileName($0) } ?? true)
    }
    // An invalid host name must not become the name in a plan.
    try tree.write("proc/sys/kernel/hostname", name)
    if let host = try? tree.read().state.host { #expect(isName(host, "._-", upTo: 253)) }
  }

  @Test("are harmless as names of files and as targets of links", arguments: fileNames)
  func links(name: String) throws {
    let tree = try SysfsTree()
    let path = try tree.function("0000:03:00.0", override: "(null)", group: 7)
    try tree.link(path + "/driver", to: "../../../../bus/pci/drivers/\(name)")
    try tree.link(path + "/physfn", to: "../\(name)")
    try tree.folder("sys/bus/pci/drivers/\(name)")
    try tree.folder("sys/bus/pci/devices/\(name)")
    try tree.write("sys/bus/pci/slots/\(name)/address", "0000:03:00\n")
    try tree.folder("sys/devices/system/node/\(name)")
    try tree.interface("eth0", of: path)
    try tree.folder("\(path)/net/\(name)")
    try tree.link("\(path)/net/eth0/upper_\(name)", to: "../\(name)")
    try tree.link("\(path)/net/eth0/master", to: "../\(name)")
    try tree.link("sys/class/net/\(name)", to: "../../devices/\(name)")
    try tree.folder("proc/\(name)/fd")
    try tree.folder("boot/loader/entries/\(name).conf")
    let reading = try tree.read()
    let state = reading.state
    try check(#require(state.functions.first))
    #expect(state.functions.count == 1 || PCIAddress(name) != nil)
    #expect(state.kernel.drivers.value?.allSatisfy { isFileName($0) } ?? true)
    for text in reading.warnings.map(\.message) + state.functions.flatMap(\.unreadable) {
      #expect(HostileNames.invisibleCharacters(in: printable(text)) == [])
    }
  }

  @Test(
    "do not lead to files elsewhere",
    arguments: ["../../canary", "../../../canary", "/canary", "6.12.0/../../canary"])
  func elsewhere(name: String) throws {
    let tree = try SysfsTree()
    for path in ["canary", "lib/canary"] {
      try tree.write("\(path)/modules.alias", "alias pci:v00008086d000010C9sv*sd*bc*sc*i* evil\n")
    }
    try tree.write("proc/sys/kernel/osrelease", name + "\n")
    let path = try tree.function("0000:03:00.0")
    try tree.write("canary/address", "52:54:00:00:00:01\n")
    try tree.link("sys/class/net/eth0", to: "../../devices/\(SysfsTree.bus)/0000:03:00.0/\(name)/eth0")
    try tree.link("\(path)/net", to: tree.root + "/canary")
    let function = try tree.readFunction("0000:03:00.0")
    #expect(function.nativeDriver == nil)
    #expect(function.interfaces.allSatisfy { $0.mac == nil })
  }

  @Test("do not become a module to load or an interface to set", arguments: HostileNames.all)
  func programs(name: String) throws {
    if !isFileName(name) { #expect(throws: HostFailure.self) { try KernelModules.load(name) } }
    if isInterfaceName(name) {
      #expect(name.utf8.allSatisfy { (0x21...0x7E).contains($0) } && name.utf8.count < 16)
    }
    // Arguments do not pass through a shell.
    guard !name.utf8.contains(0) else { return }
    let output = try Subprocess.output("/usr/bin/printf", ["%s", name], upTo: 1 << 16, within: .seconds(20))
    #expect(output == Array(name.utf8))
  }

  private func check(_ function: PCIFunction) {
    for name in [function.driver, function.driverOverride, function.nativeDriver].compactMap({ $0 }) {
      #expect(isFileName(name) && !name.hasControlCharacters)
    }
    for interface in function.interfaces { #expect(isInterfaceName(interface.name)) }
    #expect(function.slots.allSatisfy { isFileName($0) })
    #expect(function.firmwareLabel?.hasControlCharacters != true)
    for text in function.unreadable { #expect(HostileNames.invisibleCharacters(in: printable(text)) == []) }
  }
}
