import Foundation
import TestSupport
import Testing

@Suite("pcipass plan")
struct PlanCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("the plan of one host for people", arguments: ["hv01", "hv02", "hv03"])
  func text(host: String) throws {
    let result = try Pcipass.run("plan", "manifests", "--state", "manifests/captures/\(host).json")
    #expect(result.status == 0)
    #expect(result.error == "")
    try expectGolden(result.output, "plan-\(host).txt")
  }

  @Test("the plan as JSON and as Markdown", arguments: ["json", "markdown"])
  func formats(format: String) throws {
    let result = try Pcipass.run(
      "plan", "manifests", "--state", "manifests/captures/hv01.json", "--format", format)
    #expect(result.status == 0)
    try expectGolden(result.output, "plan-hv01.\(format == "json" ? "json" : "md")")
  }

  @Test("a comment on a pull request has a picture of what changes, on each host of a fleet")
  func markdown() throws {
    let pool = try Pcipass.run(
      "plan", "manifests", "--state", "manifests/captures/hv02.json", "--format", "markdown")
    try expectGolden(pool.output, "plan-hv02.md")
    let fleet = try Pcipass.run("plan", "manifests", "--state", "manifests/captures", "--format", "markdown")
    try expectGolden(fleet.output, "plan-fleet.md")
  }

  @Test("a folder of snapshots plans the whole fleet")
  func fleet() throws {
    let result = try Pcipass.run("plan", "manifests", "--state", "manifests/captures")
    #expect(result.status == 0)
    try expectGolden(result.output, "plan-fleet.txt")
  }

  @Test("--detailed-exitcode: 2 with changes, 0 with none, 1 with an error")
  func detailedExitCode() throws {
    let host = try folder.simulated("hv02")
    #expect(try Pcipass.run("plan", "manifests", "--simulate", host, "--detailed-exitcode").status == 2)
    #expect(try Pcipass.run("apply", "manifests", "--simulate", host, "--yes").status == 0)
    let second = try Pcipass.run("plan", "manifests", "--simulate", host, "--detailed-exitcode")
    #expect(second.status == 0)
    #expect(second.output.names("hv02"))
    #expect(try Pcipass.run("plan", "manifests", "--state", "/nowhere", "--detailed-exitcode").status == 1)
  }

  @Test("an unknown target is an error that lists the known ones")
  func unknownTarget() throws {
    let result = try Pcipass.run(
      "plan", "manifests", "--state", "manifests/captures/hv01.json", "--target", "nic/lam")
    #expect(result.status == 3)
    #expect(result.error.names("nic/lam", "hv01"))
    #expect(result.error.contains("nic/lan"))
  }

  @Test("a target limits the plan to its NIC")
  func target() throws {
    let result = try Pcipass.run(
      "plan", "manifests", "--state", "manifests/captures/hv01.json", "--target", "guest/web")
    #expect(result.status == 0)
    #expect(result.output.contains("0000:02:00.0"))
    #expect(!result.output.contains("0000:03:00.0"))
  }

  @Test("a host that no manifest names is an error, not an empty plan")
  func noHost() throws {
    let result = try Pcipass.run(
      "plan", "manifests", "--state", "manifests/captures/hv01.json", "--host", "hv10")
    #expect(result.status == 1)
    #expect(result.error.names("hv10"))
    #expect(result.error.names("--host hv01"))
  }

  @Test("the NIC of the default route is refused, with all that it is used for")
  func hostNetwork() throws {
    let manifest = try folder.write(
      """
      apiVersion: pcipass/v1
      kind: Host
      metadata: {name: hv03}
      spec:
        nics:
          - name: uplink
            select: {address: "0000:01:00.0"}
            reserve: true
      """, to: "uplink.yaml")
    let result = try Pcipass.run("plan", manifest, "--state", "manifests/captures/hv03.json")
    #expect(result.status == 3)
    let expected = ["[host-network]", "192.0.2.13/24", "bond0.100", "bond0"]
    for words in expected { #expect(result.error.contains(words)) }
    #expect(result.output.contains("refused"))
  }

  @Test("colour only on a terminal")
  func noColour() throws {
    let result = try Pcipass.run("plan", "manifests", "--state", "manifests/captures/hv01.json")
    #expect(!result.output.contains("\u{1B}"))
  }
}

@Suite("The guards in a plan")
struct PlanGuardTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The plan that hands out the port with br0 and the default route, and the other of its group.
  private func run(_ more: String, _ arguments: String...) throws -> Pcipass.Result {
    let manifest = try folder.write(
      """
      apiVersion: pcipass/v1
      kind: Host
      metadata: {name: hv02}
      spec:
        nics:
          - {name: uplink, select: {address: "0000:01:00.0"}, reserve: true\(more)}
          - {name: second, select: {address: "0000:01:00.1"}, reserve: true}
      """, to: "uplink.yaml")
    return try Pcipass.run(["plan", manifest, "--state", "manifests/captures/hv02.json"] + arguments)
  }

  private let allow = ", allow: [host-network], because: the spare_uplink"

  @Test("what the manifest lets pass stands by itself, with its reason")
  func allowed() throws {
    let result = try run(allow)
    #expect(result.status == 0 && result.error == "")
    let allowed = try #require(result.output.split(separator: "\n").first { $0.contains("the spare_uplink") })
    #expect(String(allowed).names("nic/uplink", "eth2", "br0", "192.0.2.12/24", "[host-network]"))
    let markdown = try run(allow, "--format", "markdown").output
    #expect(markdown.contains(/\n- ⚠️ `host-network` nic\/uplink: .*\*\*the spare\\_uplink\*\*\n/))
    try expectGolden(
      (result.output + markdown).replacing(folder.url.path + "/", with: ""), "plan-allowed.txt")
  }

  @Test("a comment on a pull request has the steps of all hosts before the guards of some")
  func length() throws {
    let capture = try String(
      contentsOf: Pcipass.root.appending(path: "manifests/captures/hv03.json"), encoding: .utf8)
    for number in 100..<250 {
      let name = "host\(number)"
      try folder.write(
        capture.replacing("\"host\": \"hv03\"", with: "\"host\": \"\(name)\""), to: "\(name).json")
      try folder.write(
        """
        apiVersion: pcipass/v1
        kind: Host
        metadata: {name: \(name)}
        spec: {nics: [{name: lan, select: {address: "0000:03:00.0"}, reserve: true}]}
        """, to: "\(name).yaml")
    }
    let result = try Pcipass.run(
      "plan", folder.url.path, "--state", folder.url.path, "--format", "markdown")
    #expect(result.status == 0)
    #expect(result.output.utf8.count < 65_535)
    for number in 100..<250 { #expect(result.output.contains("<b>host\(number)</b>")) }
  }

  @Test("what was passed before a refusal is shown, and which guard it was")
  func refused() throws {
    let result = try run("")
    #expect(result.status == 3)
    try expectGolden(result.output, "plan-refused.txt")
  }
}
