import Glibc
import HostModel
import Hosts
import Testing

/// The same tree, read by pcipass and by lspci.
@Suite(.enabled(if: access("/usr/bin/lspci", X_OK) == 0 && access("/usr/bin/python3", X_OK) == 0))
struct `Agreement with lspci` {
  static let generator =
    #filePath.split(separator: "/").dropLast(4).reduce("") { $0 + "/" + $1 }
    + "/Benchmarks/sysfs-tree"

  @Test(arguments: [0, 1, 7, 512]) func `both see the same functions`(_ count: Int) throws {
    let tree = try SysfsTree()
    let host = tree.root + "/host"
    try #require(tree.run("/usr/bin/python3", [Self.generator, "\(count)", host]) == 0)
    let reading = try HostReader(root: host, libvirt: .known([]), qemu: .known([])).read()
    #expect(reading.warnings.isEmpty)
    #expect(reading.state.functions.allSatisfy { $0.unreadable == [] })

    let command =
      "exec /usr/bin/lspci -D -nn -A linux-sysfs -O sysfs.path=\(host)/sys/bus/pci >\(tree.root)/lspci"
    try #require(tree.run("/bin/sh", ["-c", command]) == 0)
    let lines = try lines(of: tree.root + "/lspci")
    #expect(lines.count == count)
    let expected = reading.state.functions.map { function in
      // If lspci prints the ids, it leaves the id out of a name that it made from that id.
      let unnamed = "Device " + function.id.description.suffix(4)
      let name = function.name.map { $0.hasSuffix(unnamed) ? $0.dropLast(5) : $0[...] }
      return "\(function.address) [\(function.deviceClass.description.prefix(4))]: "
        + [name.map(String.init), "[\(function.id)]"].compactMap { $0 }.joined(separator: " ")
    }
    #expect(lines.map(withoutClassName) == expected)
  }

  /// `0000:01:00.0 Ethernet controller [0200]: Intel … [8086:10c9] (rev 01)`
  func withoutClassName(_ line: Substring) -> String {
    let address = line.prefix { $0 != " " }
    let rest = line.drop { $0 != "[" }
    return address + " " + (rest.hasSuffix(" (rev 01)") ? rest.dropLast(9) : rest)
  }

  func lines(of path: String) throws -> [Substring] {
    guard let file = fopen(path, "r") else { throw SysfsTree.Failure(code: errno) }
    defer { fclose(file) }
    var text: [UInt8] = []
    while case let byte = fgetc(file), byte != EOF { text.append(UInt8(byte)) }
    return String(decoding: text, as: UTF8.self).split(separator: "\n")
  }
}
