import Foundation
import TestSupport
import Testing

@Suite("pcipass plan")
struct PlanCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("prints the plan of one host as text", arguments: ["hv01", "hv02", "hv03"])
  func text(host: String) throws {
    let result = try Pcipass.run("plan", "manifests", "--state", "manifests/captures/\(host).json")
    #expect(result.status == 0)
    #expect(result.error == "")
    try expectGolden(result.output, "plan-\(host).txt")
  }

  @Test("prints the plan of one host as JSON and as Markdown", arguments: ["json", "markdown"])
  func formats(format: String) throws {
    let result = try Pcipass.run(
      "plan", "manifests", "--state", "manifests/captures/hv01.json", "--format", format)
    #expect(result.status == 0)
    try expectGolden(result.output, "plan-hv01.\(format == "json" ? "json" : "md")")
  }

  @Test("prints Markdown with a picture of the changes on each host")
  func markdown() throws {
    let pool = try Pcipass.run(
      "plan", "manifests", "--state", "manifests/captures/hv02.json", "--format", "markdown")
    try expectGolden(pool.output, "plan-hv02.md")
    let fleet = try Pcipass.run("plan", "manifests", "--state", "manifests/captures", "--format", "markdown")
    try expectGolden(fleet.output, "plan-fleet.md")
  }

  @Test("plans the whole fleet from a folder of snapshots")
  func fleet() throws {
    let result = try Pcipass.run("plan", "manifests", "--state", "manifests/captures")
    #expect(result.status == 0)
    try expectGolden(result.output, "plan-fleet.txt")
  }

  @Test("exits with --detailed-exitcode: 2 with changes, 0 without, 1 on an error")
  func detailedExitCode() throws {
    let host = try folder.simulated("hv02")
    #expect(try Pcipass.run("plan", "manifests", "--simulate", host, "--detailed-exitcode").status == 2)
    #expect(try Pcipass.run("apply", "manifests", "--simulate", host, "--yes").status == 0)
    let second = try Pcipass.run("plan", "manifests", "--simulate", host, "--detailed-exitcode")
    #expect(second.status == 0)
    #expect(second.output.names("hv02"))
    #expect(try Pcipass.run("plan", "manifests", "--state", "/nowhere", "--detailed-exitcode").status == 1)
  }

  @Test("refuses an unknown target and lists the known ones")
  func unknownTarget() throws {
    let result = try Pcipass.run(
      "plan", "manifests", "--state", "manifests/captures/hv01.json", "--target", "nic/lam")
    #expect(result.status == 3)
    #expect(result.error.names("nic/lam", "hv01"))
    #expect(result.error.contains("nic/lan"))
  }

  @Test("plans only the NICs of a target")
  func target() throws {
    let result = try Pcipass.run(
      "plan", "manifests", "--state", "manifests/captures/hv01.json", "--target", "guest/web")
    #expect(result.status == 0)
    #expect(result.output.contains("0000:02:00.0"))
    #expect(!result.output.contains("0000:03:00.0"))
  }

  @Test("reports a host without a manifest as an error")
  func noHost() throws {
    let result = try Pcipass.run(
      "plan", "manifests", "--state", "manifests/captures/hv01.json", "--host", "hv10")
    #expect(result.status == 1)
    #expect(result.error.names("hv10"))
    #expect(result.error.names("--host hv01"))
  }

  @Test("refuses the NIC of the default route and lists its uses")
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

  @Test("prints no colour without a terminal")
  func noColour() throws {
    let result = try Pcipass.run("plan", "manifests", "--state", "manifests/captures/hv01.json")
    #expect(!result.output.contains("\u{1B}"))
  }
}

@Suite("The guards in a plan")
struct PlanGuardTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Plans passthrough of the port with br0 and the default route, and of the other port in its
  /// group.
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

  @Test("list a failed check that the manifest allows, with the reason")
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

  @Test("are omitted from a comment on a pull request before a host is omitted")
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

  @Test("are counted for a refused plan, and those that refuse are named")
  func refused() throws {
    let result = try run("")
    #expect(result.status == 3)
    try expectGolden(result.output, "plan-refused.txt")
  }
}
