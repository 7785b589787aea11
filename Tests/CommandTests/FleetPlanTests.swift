import Foundation
import TestSupport
import Testing

@Suite("A plan of a fleet")
struct FleetPlanTests {
  private let fleet: FleetFolder

  init() throws { fleet = try FleetFolder() }

  /// The lines of the list of hosts, without the totals.
  private func list(_ output: String) -> [String] {
    output.split(separator: "\n").map(String.init).filter { $0.contains(#/^hv\d\d  /#) }
  }

  private func states(_ json: String) throws -> [String] {
    let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
    return (object?["hosts"] as? [[String: Any]] ?? []).map { "\($0["host"] ?? "") \($0["state"] ?? "")" }
  }

  @Test("leaves out a host with an error in its manifests, plans the others, and ends with 1")
  func fault() throws {
    try fleet.fault(of: "hv02")
    let result = try fleet.plan()
    #expect(result.status == 1)
    #expect(list(result.output).map { String($0.prefix(4)) } == ["hv02", "hv01", "hv03"])
    #expect(list(result.output).first?.contains("unknown-key") == true)
    #expect(result.count("error", "unknown-key") == 1)
    #expect(result.count("error", "not-planned") == 1)
    try expectGolden(result.output + result.error, "plan-fleet-fault.txt")
  }

  @Test("leaves out a host whose Host document cannot be decoded")
  func undecoded() throws {
    try fleet.manifests.write(
      "{apiVersion: pcipass/v1, kind: Host, metadata: {name: hv03}, spec: {nisc: []}}\n", to: "hv03.yaml")
    let result = try fleet.plan("--format", "json")
    #expect(result.status == 1)
    #expect(try states(result.output) == ["hv03 not-planned", "hv01 changed", "hv02 changed"])
  }

  @Test("names a host without a document that a guest names, and ends with 1")
  func unknownHost() throws {
    try fleet.guest("host: hv09")
    let result = try fleet.plan("--format", "json")
    #expect(result.status == 1)
    #expect(
      try states(result.output) == ["hv09 not-planned", "hv01 changed", "hv02 changed", "hv03 changed"])
  }

  @Test("leaves out hosts without a usable snapshot, each with the reason, and ends with 1")
  func snapshots() throws {
    try FileManager.default.removeItem(atPath: fleet.snapshots.path("hv01.json"))
    try fleet.snapshots.write("{\"kind\": ", to: "hv02.json")
    let other = try fleet.plan()
    #expect(other.status == 1)
    #expect(list(other.output).map { String($0.prefix(4)) } == ["hv01", "hv02", "hv03"])
    #expect(list(other.output).first == "hv01  not planned: no snapshot")
    #expect(other.count("error", "json-syntax") == 1)
    _ = try fleet.snapshots.write(try fleet.snapshots.text("hv03.json"), to: "hv02.json")
    let wrong = try fleet.plan()
    #expect(wrong.status == 1)
    #expect(wrong.count("error", "wrong-host") == 1)
    try expectGolden(wrong.output + wrong.error, "plan-fleet-snapshots.txt")
    let none = try FleetFolder()
    for host in FleetFolder.hosts {
      try FileManager.default.removeItem(atPath: none.snapshots.path("\(host).json"))
    }
    #expect(try none.plan().status == 1)
    #expect(try none.plan().count("error", "not-planned") == 1)
  }

  @Test("ends with 3 where a host is refused and another one is not planned")
  func worst() throws {
    try fleet.fault(of: "hv02")
    try fleet.manifests.write(
      """
      apiVersion: pcipass/v1
      kind: Host
      metadata: {name: hv03}
      spec: {nics: [{name: uplink, select: {address: "0000:01:00.0"}, reserve: true}]}
      """, to: "hv03.yaml")
    let result = try fleet.plan()
    #expect(result.status == 3)
    #expect(list(result.output).map { String($0.prefix(4)) } == ["hv03", "hv02", "hv01"])
    #expect(try fleet.plan("--detailed-exitcode").status == 3)
  }

  @Test("has one entry for each host and the problems of the manifests, as JSON and as Markdown")
  func formats() throws {
    try fleet.fault(of: "hv02")
    try fleet.guest("hosts: [hv01, hv03]", claim: ", mac: \"52:54:00:6b:3c:58\"")
    try FileManager.default.removeItem(atPath: fleet.snapshots.path("hv01.json"))
    let json = try fleet.plan("--format", "json")
    #expect(json.status == 1)
    #expect(try states(json.output) == ["hv01 not-planned", "hv02 not-planned", "hv03 changed"])
    let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    let problems = object?["diagnostics"] as? [[String: Any]] ?? []
    #expect(problems.map { $0["code"] as? String } == ["unknown-key", "shared-mac", "guest-missing"])
    #expect(problems.map { $0["severity"] as? String } == ["error", "warning", "warning"])
    #expect(problems.first?["hosts"] as? [String] == ["hv02"])
    let hosts = object?["hosts"] as? [[String: Any]] ?? []
    let codes = hosts.map { host in
      (host["diagnostics"] as? [[String: Any]] ?? []).map { $0["code"] as? String ?? "" }
    }
    #expect(codes == [["no-snapshot"], ["unknown-key"], []])
    #expect((object?["plans"] as? [Any])?.count == 1)
    let markdown = try fleet.plan("--format", "markdown")
    #expect(markdown.status == 1)
    try expectGolden(markdown.output, "plan-fleet-fault.md")
  }

  @Test("and a status of a fleet show such a host as unknown, and the others")
  func status() throws {
    try fleet.fault(of: "hv02")
    let arguments = ["status", fleet.manifests.url.path, "--state", fleet.snapshots.url.path]
    let text = try Pcipass.run(arguments)
    #expect(text.status == 1)
    #expect(text.count("error", "unknown-key") == 1)
    let line = try #require(text.output.split(separator: "\n").first { $0.hasPrefix("hv02") })
    #expect(line.contains("manifests"))
    let json = try Pcipass.run(arguments + ["--format", "json"]).output
    #expect(try Set(states(json)) == ["hv01 drifted", "hv02 unknown", "hv03 drifted"])
    #expect(try Pcipass.run(arguments + ["--host", "hv01"]).status == 2)
  }

  @Test("of one host from a folder does not fail because of an error of another host")
  func oneHost() throws {
    try fleet.fault(of: "hv02")
    let out = fleet.manifests.path("hv01.plan")
    let result = try fleet.plan("--host", "hv01", "--out", out)
    #expect(result.status == 0)
    #expect(result.count("warning", "unknown-key") == 1)
    #expect(FileManager.default.fileExists(atPath: out))
    let bad = try fleet.plan("--host", "hv02", "--out", fleet.manifests.path("hv02.plan"))
    #expect(bad.status == 1)
    #expect(!FileManager.default.fileExists(atPath: fleet.manifests.path("hv02.plan")))
    #expect(try fleet.plan("--host", "hv09").status == 1)
  }

  @Test("stops where an error may concern every host")
  func everywhere() throws {
    try fleet.manifests.write("{kind: Hots}\n", to: "bad.yaml")
    let result = try fleet.plan()
    #expect(result.status == 1)
    #expect(result.output == "")
    #expect(result.count("error", "bad-value") == 1)
  }

  @Test("fails for a guest that none of its hosts has, and names the guest and the hosts")
  func nowhere() throws {
    try fleet.guest("hosts: [hv01, hv02]")
    let result = try fleet.plan()
    #expect(result.status == 1)
    #expect(result.count("error", "guest-missing") == 1)
    let line = try #require(result.error.split(separator: "\n").first { $0.contains("[guest-missing]") })
    #expect(String(line).names("roam", "hv01", "hv02"))
    // hv02 has this domain.
    try fleet.guest("{hosts: [hv01, hv02], libvirt: {domain: db}, nics: []}")
    try fleet.guest("hosts: [hv01, hv02]\n  libvirt: {domain: db}")
    #expect(try fleet.plan().error == "")
    #expect(try fleet.plan().status == 0)
  }

  @Test("warns of a guest that may be on a host that is not planned, or whose guests are unknown")
  func unknown() throws {
    try fleet.guest("hosts: [hv01, hv02]")
    try FileManager.default.removeItem(atPath: fleet.snapshots.path("hv02.json"))
    let unplanned = try fleet.plan()
    #expect(unplanned.status == 1)
    #expect(unplanned.count("warning", "guest-missing") == 1)
    #expect(unplanned.count("error", "guest-missing") == 0)
    let text = try fleet.snapshots.text("hv03.json")
    try fleet.guest("hosts: [hv01, hv03]")
    try fleet.snapshots.write(
      text.replacing(/"libvirt": \[\]/, with: #""libvirt": {"unavailable": "no libvirtd"}"#), to: "hv03.json")
    #expect(try fleet.plan().count("warning", "guest-missing") == 1)
    // The domains in these snapshots have no UUID.
    try fleet.guest("hosts: [hv01, hv02]\n  libvirt: {uuid: 6ad9ee0a-8a3c-4a0c-9d64-0123456789ab}")
    for host in ["hv01", "hv02"] { _ = try fleet.snapshots.simulated(host) }
    #expect(try fleet.plan().count("warning", "guest-missing") == 1)
    #expect(try fleet.plan().count("error", "guest-missing") == 0)
    // Only hv01 is planned: one host cannot tell.
    #expect(try fleet.plan("--host", "hv01").error == "")
  }

  @Test("fails for a guest of a class that no host of the class has")
  func classes() throws {
    try fleet.manifests.write(
      "{apiVersion: pcipass/v1, kind: HostClass, metadata: {name: edge}, spec: {nics: []}}\n", to: "edge.yaml"
    )
    for host in ["hv01", "hv03"] {
      let text = try fleet.manifests.text("\(host).yaml")
      try fleet.manifests.write(text.replacing("spec:", with: "spec:\n  class: edge"), to: "\(host).yaml")
    }
    try fleet.guest("hosts: {class: edge}")
    let missing = try fleet.plan()
    #expect(missing.status == 1)
    #expect(missing.count("error", "guest-missing") == 1)
    let line = try #require(missing.error.split(separator: "\n").first { $0.contains("[guest-missing]") })
    #expect(String(line).names("hv01", "hv03") && !String(line).names("hv02"))
    try fleet.guest("hosts: {class: edge}\n  qemu: {qmp: /run/qemu/probe.sock}")
    #expect(try fleet.plan().count("error", "guest-missing") == 0)
  }
}
