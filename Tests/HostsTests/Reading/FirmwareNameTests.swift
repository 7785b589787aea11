import Documents
import HostModel
import Hosts
import TestSupport
import Testing

@Suite struct `The name that the firmware gives to a function` {
  func tree(_ files: [String: String]) throws -> SysfsTree {
    let tree = try SysfsTree()
    let path = try tree.function("0000:03:00.0", driver: "igb")
    for (name, text) in files { try tree.write("\(path)/\(name)", text) }
    return tree
  }

  /// Reads a function that has no problems.
  func read(_ files: [String: String]) throws -> PCIFunction {
    let reading = try tree(files).read()
    #expect(reading.warnings.isEmpty)
    let function = try #require(reading.state.functions.first)
    #expect(function.unreadable == [])
    return function
  }

  /// Reads a function of which a file is ignored, and returns the warning.
  func ignored(_ tree: SysfsTree) throws -> (PCIFunction, warning: String) {
    let reading = try tree.read()
    #expect(reading.warnings.map(\.code) == ["bad-value"])
    let function = try #require(reading.state.functions.first)
    // The function can still be assigned.
    #expect(function.unreadable == [])
    return (function, reading.warnings[0].message)
  }

  @Test func `is read from ACPI`() throws {
    let function = try read(["label": "NIC.Integrated.1-1-1\n", "acpi_index": "3\n"])
    #expect(function.firmwareIndex == 3 && function.firmwareLabel == "NIC.Integrated.1-1-1")
  }

  @Test func `is read from SMBIOS`() throws {
    let function = try read(["label": " Onboard LAN é\n", "index": "0\n"])
    #expect(function.firmwareIndex == 0 && function.firmwareLabel == " Onboard LAN é")
  }

  @Test func `has the index of ACPI where both exist`() throws {
    #expect(try read(["label": "\n", "acpi_index": "3\n", "index": "7\n"]).firmwareIndex == 3)
  }

  @Test func `may be missing or empty`() throws {
    for files in [[:], ["label": "\n"], ["label": "", "index": "\n"]] {
      let function = try read(files)
      #expect(function.firmwareIndex == nil && function.firmwareLabel == nil)
    }
  }

  @Test func `is not read for a bridge`() throws {
    let tree = try SysfsTree()
    let path = try tree.function("0000:03:00.0", deviceClass: "60400")
    try tree.write(path + "/label", "x\n")
    #expect(try tree.readFunction("0000:03:00.0").firmwareLabel == nil)
  }

  static let labels: [[UInt8]] = [
    Array("two\nlines\n".utf8), Array("\u{1B}[2Jx".utf8), Array("a\tb".utf8), [0x41, 0x00, 0x42],
    [0x41, 0xFF],
    Array("\u{85}".utf8), Array(String(repeating: "x", count: 254).utf8),
    [UInt8](repeating: 0x41, count: 5000),
  ]

  @Test(arguments: labels) func `is ignored with a warning if it is not one line of text`(_ label: [UInt8])
    throws
  {
    let tree = try tree(["acpi_index": "3\n"])
    try tree.write("sys/devices/\(SysfsTree.bus)/0000:03:00.0/label", label)
    let (function, warning) = try ignored(tree)
    #expect(function.firmwareLabel == nil && function.firmwareIndex == 3)
    #expect(warning.names("0000:03:00.0", "label"))
    #expect(HostileNames.invisibleCharacters(in: warning) == [])
  }

  @Test func `may have 253 characters`() throws {
    let label = String(repeating: "é", count: 253)
    #expect(try read(["label": label + "\n"]).firmwareLabel == label)
  }

  @Test(arguments: ["-1", "x", "2147483648", "99999999999999999999", "0x3", "3 4"])
  func `has no index if that is not a number`(_ text: String) throws {
    let (function, warning) = try ignored(tree(["label": "LAN\n", "index": text + "\n"]))
    #expect(function.firmwareLabel == "LAN" && function.firmwareIndex == nil)
    #expect(warning.names("0000:03:00.0", "index"))
  }

  @Test func `is not read through a link`() throws {
    let tree = try tree([:])
    try tree.write("elsewhere", "secret\n")
    try tree.link("sys/devices/\(SysfsTree.bus)/0000:03:00.0/label", to: tree.root + "/elsewhere")
    #expect(try ignored(tree).0.firmwareLabel == nil)
  }

  @Test func `is not that of the PF for a VF`() throws {
    let tree = try tree(["label": "LAN\n", "index": "1\n", "sriov_totalvfs": "7\n"])
    let virtual = try tree.function("0000:03:10.0")
    try tree.link("sys/devices/\(SysfsTree.bus)/0000:03:00.0/virtfn0", to: "../0000:03:10.0")
    try tree.link(virtual + "/physfn", to: "../0000:03:00.0")
    let function = try tree.readFunction("0000:03:10.0")
    #expect(function.firmwareIndex == nil && function.firmwareLabel == nil)
  }
}
