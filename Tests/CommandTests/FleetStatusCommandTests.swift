import Foundation
import TestSupport
import Testing

@Suite("pcipass status --state FOLDER")
struct FleetStatusCommandTests {
  private let fleet: PoolFleet

  init() throws { fleet = try PoolFleet() }

  private func status(_ words: String...) throws -> Pcipass.Result {
    try Pcipass.run(["status"] + fleet.manifests + ["--state", fleet.snapshots] + words)
  }

  private func rows(_ text: String) -> [[String]] {
    text.split(separator: "\r\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
  }

  @Test("prints a line for each host, the worst first", arguments: ["text", "json", "csv"])
  func goldens(format: String) throws {
    let seen = try status("--format", format)
    #expect(seen.status == 3)
    // hv02 may have the guest that the others do not have.
    #expect(seen.count("warning", "guest-missing") == 1, "\(seen.error)")
    try expectGolden(seen.output, "status-fleet.\(format == "text" ? "txt" : format)")
  }

  @Test("ends with the status of the worst host, and --host limits the hosts")
  func statuses() throws {
    #expect(try status("--host", "hv01").status == 0)
    #expect(try status("--host", "hv02").status == 1)
    #expect(try status("--host", "hv01", "--host", "hv02").status == 1)
    #expect(try status("--host", "hv03").status == 3)
    let some = try status("--host", "hv03", "--host", "hv01", "--format", "csv")
    #expect(Set(rows(some.output).dropFirst().map(\.[0])) == ["hv01", "hv03"])
    let other = try status("--host", "hv09")
    #expect(other.status == 1 && other.error.contains("[no-host]") && other.output == "")
    #expect(try status("--metrics", "-").status == 64)
    #expect(try status("--simulate", fleet.snapshot("hv01")).status == 64)
  }

  @Test("counts a host whose snapshot cannot be read as unknown, with the reason")
  func unreadable() throws {
    for (text, code) in [("{\n  \"kind\": \"HostState\"", "json"), (nil, "wrong-host")] {
      let content = try text ?? String(contentsOfFile: fleet.snapshot("hv01"), encoding: .utf8)
      try content.write(toFile: fleet.snapshot("hv02"), atomically: false, encoding: .utf8)
      let seen = try status()
      #expect(seen.status == 3 && seen.output.contains(/\nhv02 +unreadable snapshot/))
      #expect(seen.error.contains("warning: ") && seen.error.contains("hv02.json"), "\(seen.error)")
      if code == "wrong-host" { #expect(seen.error.contains("[wrong-host]")) }
      let json = try status("--host", "hv02", "--format", "json")
      #expect(json.status == 1)
      #expect(json.output.contains(#""snapshot": "unreadable""#) && json.output.contains(#""unavailable": "#))
    }
  }

  @Test("writes the metrics of all hosts, each series once")
  func metrics() throws {
    let file = fleet.path("fleet.prom")
    #expect(try status("--metrics", file).status == 3)
    let text = try fleet.text("fleet.prom")
    try expectGolden(
      text.replacing(/(_timestamp_seconds\{[^}]*\}) [0-9]+/) { "\($0.output.1) SECONDS" }
        .replacing(/version="[^"]*"/, with: "version=\"VERSION\""), "status-fleet.prom")
    let series = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { $0.prefix { $0 != "}" } }
    #expect(Set(series).count == series.count)
  }

  @Test("reports the same capacity for one host, as text, JSON, CSV and metrics")
  func one() throws {
    let state = ["--state", fleet.snapshot("hv01")]
    func run(_ words: String...) throws -> Pcipass.Result {
      try Pcipass.run(["status"] + fleet.manifests + state + words)
    }
    let text = try run()
    #expect(text.status == 0 && text.error == "")
    let blocked = try Pcipass.run(["status"] + fleet.manifests + ["--state", fleet.snapshot("hv03")])
    #expect(blocked.status == 3)
    try expectGolden(text.output + "\n----\n\n" + blocked.output, "status-pool.txt")
    try expectGolden(try run("--format", "json").output, "status-pool.json")
    let csv = rows(try run("--format", "csv").output)
    #expect(csv == rows(try status("--format", "csv").output).filter { ["host", "hv01"].contains($0[0]) })
    _ = try run("--metrics", fleet.path("one.prom"))
    _ = try status("--metrics", fleet.path("fleet.prom"))
    func members(_ name: String) throws -> [Substring] {
      try fleet.text(name).split(separator: "\n").filter {
        $0.hasPrefix("pcipass_pool_members{host=\"hv01\"")
      }
    }
    #expect(try members("one.prom") == members("fleet.prom"))
    #expect(try members("one.prom").count == 2 * 5)
  }

  @Test("prints CSV in which each row has all columns and a table program sees no formula")
  func csv() throws {
    let rows = rows(try status("--format", "csv").output)
    // One line for each NUMA node of the two hosts, one for the host without a snapshot.
    #expect(rows.count == 1 + 1 + 2 + 2)
    for row in rows {
      #expect(row.count == rows[0].count)
      for value in row { #expect(!"=+-@".contains(value.first ?? "x"), "\(value)") }
    }
  }

  @Test("names the member and the reason in explain, graph and devices")
  func views() throws {
    let hv03 = ["--state", fleet.snapshot("hv03")]
    func run(_ words: String...) throws -> String {
      let seen = try Pcipass.run(words + fleet.manifests + hv03)
      #expect(seen.status == 0, "\(seen.error)")
      return seen.output
    }
    try expectGolden(try run("explain", "fast"), "explain-pool.txt")
    let json = try run("explain", "guest/big", "--format", "json")
    #expect(json.contains(#""from": "fast""#) && json.contains(#""reason": "chosen""#))
    let hv01 = try Pcipass.run(
      ["explain", "guest/db"] + fleet.manifests + ["--state", fleet.snapshot("hv01")])
    #expect(hv01.output.contains("from fast: defined ("))
    try expectGolden(
      try Pcipass.run(["graph"] + fleet.manifests + ["--state", fleet.snapshot("hv01")]).output,
      "graph-pool.txt")
    #expect(try run("graph", "--format", "svg").contains(#/<title>[^<]*from fast \(chosen\) · available/#))
    let device = try Pcipass.run(
      ["devices", "0000:02:10.0"] + fleet.manifests + ["--state", fleet.snapshot("hv01")])
    #expect(device.output.contains("from fast: defined ("))
    let devices = try Pcipass.run(
      ["devices"] + fleet.manifests + ["--state", fleet.snapshot("hv01"), "--format", "json"])
    #expect(devices.output.contains(#""reason": "defined""#))
  }

  @Test("reads many hosts in parallel, and lists each once")
  func many() throws {
    let count = 300
    let folder = try TemporaryFolder()
    let state = try String(contentsOfFile: fleet.snapshot("hv03"), encoding: .utf8)
    var text = ""
    for number in 0..<count {
      text +=
        "---\napiVersion: pcipass/v1\nkind: Host\nmetadata: {name: n\(number)}\nspec: {nics: [], pools: "
      text += "[{name: fast, select: {id: '8086:10c9'}, virtualFunctions: {count: 4}}]}\n"
      try folder.write(
        state.replacing("\"host\": \"hv03\"", with: "\"host\": \"n\(number)\""), to: "n\(number).json")
    }
    let manifests = try folder.write(text, to: "fleet.yaml")
    let seen = try Pcipass.run("status", manifests, "--state", folder.url.path, "--format", "csv")
    #expect(seen.status == 2)
    let rows = rows(seen.output).dropFirst()
    #expect(rows.count == 2 * count)
    #expect(Set(rows.map { $0[1...6] }) == [["drifted", "read", "10", "2", "0", "0"]])
  }
}
