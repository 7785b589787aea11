import Foundation
import TestSupport
import Testing

@Suite("pcipass status --metrics")
struct MetricsTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Returns the name, labels, state and value of each metric, as read by Python's
  /// prometheus_client.
  private func samples(_ text: String) throws -> [[String]] {
    let script = """
      import sys, json
      from prometheus_client.parser import text_string_to_metric_families as families
      result = []
      for family in families(open(sys.argv[1]).read()):
          assert family.type == 'gauge' and family.documentation, family
          for sample in family.samples:
              result.append([sample.name, ','.join(sorted(sample.labels)), sample.labels.get('state', ''), str(sample.value)])
      print(json.dumps(result))
      """
    let file = try folder.write(text, to: "read.prom")
    let read = try Pcipass.run(["-c", script, file], executable: URL(filePath: "/usr/bin/python3"))
    #expect(read.status == 0, "it needs python3-prometheus-client: \(read.error)")
    return try #require(try JSONSerialization.jsonObject(with: Data(read.output.utf8)) as? [[String]])
  }

  private func metrics(_ host: String, _ words: String...) throws -> String {
    let file = folder.path("\(UUID().uuidString).prom")
    let seen = try Pcipass.run(["status", "manifests", "--simulate", host, "--metrics", file] + words)
    #expect(seen.status != 64)
    return try String(contentsOfFile: file, encoding: .utf8)
  }

  @Test("writes exactly the metrics and labels of docs/metrics.md")
  func documented() throws {
    var written: [String: Set<String>] = [:]
    for name in ["hv01", "hv02", "hv03"] {
      let host = try folder.simulated(name)
      for isApplied in [false, true] {
        if isApplied {
          #expect(
            try Pcipass.run("apply", "manifests", "--revision", "v1", "--simulate", host, "--yes").status == 0
          )
        }
        for sample in try samples(try metrics(host)) {
          written[sample[0], default: []].formUnion(sample[1].split(separator: ",").map(String.init))
        }
      }
    }
    let booted = try BootedHost()
    try booted.apply(BootedHost.manifest(web: ""))
    try booted.apply(BootedHost.manifest(), "--confirm-within", "24h")
    _ = try booted.run(
      "status", booted.folder.path("manifest.yaml"), "--metrics", booted.folder.path("boot.prom"))
    for sample in try samples(try booted.folder.text("boot.prom")) {
      written[sample[0], default: []].formUnion(sample[1].split(separator: ",").map(String.init))
    }
    let fleet = try PoolFleet()
    let file = fleet.path("pool.prom")
    _ = try Pcipass.run(
      ["status"] + fleet.manifests + ["--state", fleet.snapshot("hv01"), "--metrics", file])
    for sample in try samples(try fleet.text("pool.prom")) {
      written[sample[0], default: []].formUnion(sample[1].split(separator: ",").map(String.init))
    }
    let page = try String(contentsOf: Pcipass.root.appending(path: "docs/metrics.md"), encoding: .utf8)
    var documented: [String: Set<String>] = [:]
    for row in page.matches(of: /(?m)^\| `(pcipass_[a-z_]+)` \| ([a-z`, ]+) \| .+ \|$/) {
      let labels = row.output.2.split(separator: ",").map { $0.filter { $0 != "`" && $0 != " " } }
      documented[String(row.output.1)] = Set(labels)
    }
    #expect(written == documented)
  }

  @Test("writes one state of each NIC, and values of the host, VFs and the last apply")
  func values() throws {
    let host = try folder.simulated("hv02")
    let before = try samples(try metrics(host))
    let states = before.filter { $0[0] == "pcipass_nic_state" }
    #expect(states.count == 6 * 4)
    #expect(states.filter { $0[3] == "1.0" }.map { $0[2] } == Array(repeating: "drifted", count: 6))
    #expect(before.contains(["pcipass_observe_success", "host", "", "1.0"]))
    #expect(!before.contains { $0[0].hasPrefix("pcipass_last_apply") })
    #expect(
      try Pcipass.run("apply", "manifests", "--revision", "v1", "--simulate", host, "--yes").status == 0)
    let after = try metrics(host)
    #expect(after.contains(#"pcipass_vfs_configured{host="hv02",nic="pool",function="0000:02:00.0"} 4"#))
    #expect(after.contains(#"pcipass_vfs_supported{host="hv02",nic="pool",function="0000:02:00.0"} 7"#))
    #expect(after.contains(#"pcipass_host_state{host="hv02",state="in-sync"} 1"#))
    #expect(after.contains(#"pcipass_last_apply_success{host="hv02"} 1"#))
    #expect(!after.contains("pcipass_drift_seconds"))
  }

  @Test("writes observe_success 0 if nothing can be read, and reports the error")
  func unread() throws {
    let file = folder.path("m.prom")
    let nowhere = folder.path("none.json")
    for words in [
      ["manifests", "--state", nowhere, "--host", "hv01"],
      ["nowhere", "--state", "manifests/captures/hv01.json", "--host", "hv01"],
    ] {
      try folder.write("old", to: "m.prom")
      let seen = try Pcipass.run(["status"] + words + ["--metrics", file])
      #expect(seen.status == 1 && seen.error.contains("error: "))
      let text = try folder.text("m.prom")
      #expect(text.contains("pcipass_observe_success{host=\"hv01\"} 0\n"))
      #expect(!text.contains("_state{"))
      #expect(try samples(text).count == 3)
    }
  }

  @Test("replaces the file, which all can read, and leaves no other file")
  func whole() throws {
    let host = try folder.simulated("hv01")
    try FileManager.default.createDirectory(atPath: folder.path("out"), withIntermediateDirectories: false)
    let file = folder.path("out/m.prom")
    let command =
      "umask 077; exec '\(Pcipass.binary.path)' status manifests --simulate '\(host)' --metrics '\(file)'"
    for _ in 0..<2 {
      #expect(try Pcipass.run(["-c", command], executable: URL(filePath: "/bin/sh")).status == 2)
      let attributes = try FileManager.default.attributesOfItem(atPath: file)
      #expect(attributes[.posixPermissions] as? Int == 0o644)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("out")) == ["m.prom"])
    }
  }

  @Test(
    "refuses a path that cannot be a regular file, and still prints the status"
  )
  func refused() throws {
    let host = try folder.simulated("hv01")
    try folder.write("kept", to: "real")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("link"), withDestinationPath: folder.path("real"))
    try FileManager.default.createDirectory(atPath: folder.path("folder"), withIntermediateDirectories: false)
    mkfifo(folder.path("fifo"), 0o600)
    for name in ["link", "folder", "fifo", "real/m.prom", "none/m.prom"] {
      let path = folder.path(name)
      let seen = try Pcipass.run("status", "manifests", "--simulate", host, "--metrics", path)
      #expect(seen.status == 1)
      #expect(seen.error.names(path) && seen.error.contains("[unwritable]"))
      #expect(seen.output.contains("hv01: drifted"))
    }
    let null = try Pcipass.run("status", "manifests", "--simulate", host, "--metrics", "/dev/null")
    #expect(null.status == 1)
    #expect(
      try FileManager.default.attributesOfItem(atPath: "/dev/null")[.type] as? String != "NSFileTypeRegular")
    #expect(try folder.text("real") == "kept")
    #expect(
      try FileManager.default.destinationOfSymbolicLink(atPath: folder.path("link")) == folder.path("real"))
    #expect(try Pcipass.run("status", "manifests", "--simulate", host, "--metrics", "-").status == 64)
  }
}
