import Foundation
import TestSupport
import Testing

@Suite("pcipass devices")
struct DevicesCommandTests {
  private let folder: TemporaryFolder
  private let host: String

  init() throws {
    folder = try TemporaryFolder()
    host = try folder.handMade()
  }

  private func run(_ words: String...) throws -> Pcipass.Result {
    try Pcipass.run(["devices"] + words + ["--state", host])
  }

  @Test("shows the guest, the manifest line and the assignability of each NIC")
  func table() throws {
    let result = try run("manifests")
    #expect(result.status == 0)
    try expectGolden(result.output, "devices.txt")
  }

  @Test("shows all details of one function, whose address may omit the PCI domain")
  func details() throws {
    let result = try run("0000:03:00.0")
    try expectGolden(result.output, "devices-one.txt")
    #expect(try run("03:00.0").output == result.output)
  }

  @Test("reports an unknown device, with a command or a name that helps")
  func unknown() throws {
    let result = try run("0000:77:00.7")
    #expect(result.status == 1)
    #expect(result.error.names("pcipass devices --all"))
    #expect(try run("eht0").error.names("eth0"))
    #expect(try run("eth1").output == run("0000:03:00.0").output)
  }

  @Test(
    "filters by driver, group, ID and availability; all kinds of filter must match",
    arguments: [
      (["--driver", "vfio-pci"], ["0000:03:00.0"]),
      (["--driver", "igb", "--driver", "vfio-pci"], ["0000:02:00.0", "0000:03:00.0"]),
      (["--driver", "none"], []),
      (["--group", "6"], ["0000:01:00.0", "0000:01:00.1"]),
      (["--id", "8086:10d3"], ["0000:01:00.0", "0000:01:00.1"]),
      (["--id", "8086", "--driver", "igb"], ["0000:02:00.0"]),
      (["--id", "1af4"], []), (["--free"], []),
    ])
  func filters(words: [String], expected: [String]) throws {
    let result = try Pcipass.run(["devices", "--format", "csv", "--state", host] + words)
    let addresses = result.output.split(whereSeparator: \.isNewline).dropFirst().map { $0.prefix(12) }
    #expect(addresses.map(String.init) == expected)
    #expect(result.status == 0)
  }

  @Test("prints JSON with each function as in a snapshot, its guests and its assignability")
  func json() throws {
    let result = try run("manifests", "--format", "json")
    let list = try #require(
      JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    let devices = try #require(list["devices"] as? [[String: Any]])
    let snapshot = try #require(
      JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: host))) as? [String: Any])
    let functions = try #require(snapshot["functions"] as? [[String: Any]])
    for device in devices {
      let address = try #require(device["address"] as? String)
      let function = try #require(functions.first { $0["address"] as? String == address })
      for (key, value) in function {
        #expect(device[key] as? NSObject == value as? NSObject, "\(address) \(key)")
      }
      #expect(device["assignable"] != nil)
    }
    #expect(devices.count == 4)
    let lan = try #require(devices.first { $0["address"] as? String == "0000:03:00.0" })
    let guests = try #require(lan["guests"] as? [[String: Any]])
    #expect(guests.map { ($0["guest"] as? [String: String]) } == [["name": "winxp", "libvirt": "winxp"]])
  }

  @Test("shows devices other than NICs with --all")
  func all() throws {
    let result = try run("--all", "--format", "csv")
    let snapshot = try String(contentsOfFile: host, encoding: .utf8)
    #expect(
      result.output.split(whereSeparator: \.isNewline).count - 1
        == snapshot.matches(of: /"iommuGroup"|"class"/).count(where: { $0.output.contains("class") }))
  }

  @Test("shows each function once with --tree, and the ports above filtered functions")
  func tree() throws {
    try expectGolden(try run("--tree").output, "devices-tree.txt")
    let all = try run("--tree", "--all").output
    let listed = try run("--all", "--format", "csv").output.split(whereSeparator: \.isNewline).dropFirst()
    #expect(listed.count > 8)
    for row in listed { #expect(all.ranges(of: row.prefix(12)).count == 1, "\(row)") }
    let some = try run("--tree", "--driver", "e1000e").output
    #expect(some.contains("0000:00:01.0  root port\n  ├── 0000:01:00.0"))
    #expect(!some.contains("0000:03:00.0"))
  }

  @Test("omits columns on a narrow terminal, so that each line fits", arguments: [40, 60, 80, 120])
  func narrow(width: Int) throws {
    let result = try Pcipass.runOnTerminal(
      "devices", "manifests", "--state", host, input: "",
      environment: ["COLUMNS": "\(width)", "NO_COLOR": "1"])
    let rows = result.output.split(whereSeparator: \.isNewline).filter {
      $0.hasPrefix("0000:") || $0.hasPrefix("ADDRESS")
    }
    #expect(rows.count == 5)
    for row in rows { #expect(row.count <= width, "\(row)") }
    #expect(rows[0].hasPrefix("ADDRESS"))
  }

  @Test("reports why the guests are unknown")
  func unknownGuests() throws {
    try change(host) { $0["libvirt"] = ["unavailable": "no libvirtd"] }
    #expect(try run().output.names("no libvirtd"))
    #expect(try run("0000:02:00.0").output.names("no libvirtd"))
  }
}
